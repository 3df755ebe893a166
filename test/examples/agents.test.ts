import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** The output of an example, without a terminal. */
const run = async (example: string): Promise<string> => {
  const running = promisify(execFile)(process.execPath, ["--import", "tsx", `examples/${example}.ts`], {
    cwd: root,
    timeout: 100_000
  })
  running.child.stdin?.end()
  return (await running).stdout
}

describe("examples", { timeout: 100_000 }, () => {
  it("agent-weather has a tool that succeeds and fails, and a response", async () => {
    const output = await run("agent-weather")
    assert.include(output, "get_weather {\"celsius\":5}")
    const [, failure = ""] = /^get_weather (.*error.*)$/m.exec(output) ?? []
    assert.deepStrictEqual(JSON.parse(failure), { error: { _tag: "NoStation", city: "Atlantis" } })
    assert.include(output, "completed after 2 turns, for $0.003")
  })

  it("agent-research shows progress while tools run, stops after its last call, and shows its text to a late reader", async () => {
    const output = await run("agent-research")
    const order = ["page 1, 4 found", "page 3, 12 found", "web_search {\"query\":\"lamps\"} → [{", "finish {\"answer\""]
      .map((text) => output.indexOf(text))
    assert.notInclude(order, -1)
    assert.deepStrictEqual(order, [...order].sort((a, b) => a - b))
    assert.include(output, "_tag: 'stopped'")
    assert.include(output, "answer: 'They have LEDs now.'")
    assert.include(output, "Let me look around. That will do.Lighthouses have LEDs now.")
    assert.include(output, "$0.006")
  })

  it("agent-approval ends before its tool has run, and continues in another process, where its tool is allowed for good", async () => {
    const lines = (await run("agent-approval")).trim().split("\n")
    assert.strictEqual(lines[0], "The first process ends: awaiting_approval.")
    assert.match(lines[1] ?? "", /^May delete_files run with .*2019\.pdf/)
    assert.match(lines[2] ?? "", /^\(deleting \/reports\/2019\.pdf, .* with the key tidy-up\//)
    assert.match(lines[3] ?? "", /^\(deleting \/reports\/2021\.pdf with the key tidy-up\//)
    assert.deepStrictEqual(lines.slice(4), [
      "The old reports are gone.",
      "The second process ends: completed."
    ])
  })

  it("effect-ai calls a tool, reads a value, and streams", async () => {
    const lines = (await run("effect-ai")).trim().split("\n")
    assert.deepStrictEqual(lines.slice(1), [
      "It has 20 degrees.",
      "{ city: 'Paris', degrees: 20 }",
      "Grey roofs,",
      "a warm stone,",
      "the river knows."
    ])
  })

  it("agent-mcp reads a file through one server, and counts its words through another", async () => {
    const lines = (await run("agent-mcp")).trim().split("\n")
    assert.match(lines[0] ?? "", /^files_read_text_file: /)
    assert.deepStrictEqual(lines.slice(1), ["words_count_words: \"{\\\"words\\\":5}\"", "It has 5 words."])
  })

  it("agent-long stays within its context, and keeps what was said", async () => {
    const lines = (await run("agent-long")).trim().split("\n")
    assert.match(lines[0] ?? "", /^before turn 6: \d+ tokens, \d+ after summarize$/)
    assert.match(lines[1] ?? "", /^before turn 9: \d+ tokens, \d+ after summarize$/)
    assert.match(lines[2] ?? "", /^It never failed\. \(\d+ of 4000 tokens, \$0\.024\)$/)
    assert.strictEqual(lines[3], "The next request would send 11 of the 22 items that the log keeps.")
  })

  it("agent-production loses nothing when its process is killed, and stays within its context", async () => {
    const output = await run("agent-production")
    const [, ...lines] = output.trim().split("\n")
    assert.match(lines[0] ?? "", /^awaiting_approval after 1\d\d turns of this process\./)
    assert.match(lines[1] ?? "", /^\(published "The Lamp" with the key letters\//)
    assert.strictEqual(lines[2], "completed after 1 turns of this process. The book is out. Call *** for a copy.")
    const [, requests = "", longest = ""] =
      /^Sent: (\d+) requests, \d+ KiB, the longest (\d+) bytes\.$/.exec(lines[3] ?? "") ?? []
    assert.isBelow(Number(longest), 25_000)
    // Of all requests, at most the one that was killed is in no log
    const [, charged = "", logged = ""] = /^Charged: \$([\d.]+)\. In the log: \$([\d.]+)\.$/.exec(lines[4] ?? "") ?? []
    assert.strictEqual(Number(charged), Number(requests) / 1000)
    assert.include([0, 1], Math.round(1000 * (Number(charged) - Number(logged))))
  })

  it("agent-skills keeps what each skill added", async () => {
    const output = await run("agent-skills")
    assert.include(output, "Turn 1, temperature 0: \"You are a clerk.\"")
    assert.match(output, /Turn 3, temperature 0\.5: "You are a clerk\..*list its fields first\..*euros/)
  })

  it("agent-human rejects an answer that does not fit, and continues with one that does", async () => {
    const output = await run("agent-human")
    assert.include(output, "awaiting_tools: {\"question\":\"Which day suits you?\"}")
    assert.include(output, "does not fit the schema of its tool: date")
    assert.include(output, "Noted: {\"weekday\":\"Monday\"")
    assert.include(output, "In the morning, if possible.")
  })

  it("agent-manual sends the outputs in the order of the calls", async () => {
    const output = await run("agent-manual")
    assert.include(output, "awaiting_tools [ 'locate_user' ]")
    assert.include(output, "[ '{\"latitude\":48.86,\"longitude\":2.35}', '09:30' ]")
  })

  it("agent-subagent stops when the budget of the outer run is used up, or with the outer run", async () => {
    const output = await run("agent-subagent")
    assert.match(output, /condition: 'maxCost\(0\.01\)' \} \$0\.021 in 2 requests/)
    assert.include(output, "ended without a result (stopped by maxCost(0.01))")
    assert.match(output, /None \{ finished: \d, interrupted: 1, open: 0 \}/)
  })

  it("agent-handoff goes on with the agent that took over, also in the next run", async () => {
    const output = await run("agent-handoff")
    assert.deepStrictEqual(output.trim().split("\n"), [
      "(desk hands over to billing)",
      "billing: You paid $12 in May.",
      "billing: You paid $12 in June, too.",
      "(billing hands over to desk)",
      "desk: We are at the harbour."
    ])
  })
})
