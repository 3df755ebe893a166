import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"

const run = (example: string): string =>
  execFileSync(process.execPath, ["--import", "tsx", `examples/${example}.ts`], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    encoding: "utf8",
    timeout: 25_000
  })

describe("examples", () => {
  it("structured-output prints a value, a response without a value, and a truncated one", () => {
    const output = run("structured-output")
    assert.include(output, "Tea: 5 minutes { water: '200 ml' } for $0.0001")
    assert.include(output, "it contains no JSON in \"I would rather not say.\", for $0.0002")
    assert.include(output, "bread: truncated")
  })

  it("structured-output-stream prints a value as it grows, its elements, and an element that does not fit", () => {
    const lines = run("structured-output-stream").split("\n")
    assert.isTrue(lines.includes("Li…"), lines.join("\n"))
    assert.isTrue(lines.includes("Lights…, 1 source"))
    assert.deepStrictEqual(lines.filter((line) => line.startsWith("source ")), [
      "source 0: https://example.com/1 of 1990",
      "source 1: https://example.com/2",
      "source 0: https://example.com/1"
    ])
    assert.include(lines, "done: Lights, 2 sources, for $0.0001")
    assert.include(lines, "sources.1.url does not fit")
  })

  it("messages prints the request", () => {
    const output = run("messages")
    assert.include(output, "It is the lid.")
    assert.include(output, "\"ttl\": \"1h\"")
    assert.include(output, "\"content\": \"It is\"")
  })
})
