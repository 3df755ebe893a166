import { FetchHttpClient, FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { cli } from "../../../examples/recipes/cli.js"
import { terminal } from "../../support/effect/terminals.js"

/** Runs a command with a scripted model, and these lines at the terminal. Returns what the terminal shows. */
const run = (args: ReadonlyArray<string>, options: ScriptedServer.Options, lines: ReadonlyArray<string> = []) => {
  const shown: Array<string> = []
  return Effect.scoped(Effect.gen(function*() {
    yield* cli(["node", "cli.ts", ...args])
    const { requests } = yield* ScriptedServer.ScriptedServer
    return { shown: shown.join(""), requests: yield* requests }
  })).pipe(
    Effect.provide(terminal(lines, (text) => void shown.push(text))),
    Effect.provide(Layer.provide(ScriptedServer.layerClient(options), FetchHttpClient.layer)),
    Effect.provide(NodeContext.layer)
  )
}

describe("the recipe of a command line", () => {
  it.live("lists the models whose id has a text", () =>
    Effect.gen(function*() {
      const { shown } = yield* run(["models", "nano"], { ...ScriptedServer.demo, allowUnused: true })
      assert.match(shown, /^openai\/gpt-5-nano +\$[\d.]+ in, \$[\d.]+ out\n$/)
    }))

  it.live("shows the response of a model, and what it cost", () =>
    Effect.gen(function*() {
      const turns = [
        Script.turn(Script.text(["Hello", " there!"]), { cost: 0.002, usage: { inputTokens: 8, outputTokens: 3 } })
      ]
      const { requests, shown } = yield* run(["chat", "--model", "openai/gpt-5-mini", "Hi!"], { turns })
      assert.strictEqual(shown, "Hello there!\n[$0.002000, 11 tokens]\n")
      assert.strictEqual(requests[0]?.model, "openai/gpt-5-mini")
    }))

  it.live("asks before the agent writes, and tells it what was rejected", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      const write = (name: string) => Script.toolCall("write_file", { path: `${folder}/${name}`, content: "A haiku." })
      const turns = [
        Script.turn(["I write. ", write("a.txt"), write("b.txt")], { cost: 0.001 }),
        Script.turn("One is written.", { cost: 0.002 })
      ]
      const { requests, shown } = yield* run(["agent", "Write two haikus."], { turns }, ["y", "no"])
      assert.deepStrictEqual(yield* fs.readDirectory(folder), ["a.txt"])
      assert.match(shown, /^I write\. \n\[\$0\.001000, \d+ tokens\]\n\nMay write_file run with {"path":".*a\.txt/)
      assert.match(shown, /One is written\.\n\[\$0\.002000, \d+ tokens\]\n$/)
      assert.include(JSON.stringify(requests[1]?.json["input"]), "rejected")
    }).pipe(Effect.scoped, Effect.provide(NodeContext.layer)))

  it.live("ends the request to OpenRouter at Ctrl-C", () =>
    Effect.gen(function*() {
      const server = yield* ScriptedServer.ScriptedServer
      const program = fileURLToPath(new URL("../../../examples/recipes/cli.ts", import.meta.url))
      const child = spawn(process.execPath, ["--import", "tsx", program, "chat", "Hi!"], {
        env: { ...process.env, OPENROUTER_API_KEY: "sk-or-test", OPENROUTER_BASE_URL: server.url },
        stdio: ["ignore", "pipe", "inherit"]
      })
      const ended = yield* Effect.fork(Effect.promise(() => once(child, "exit")))
      const [shown] = yield* Effect.promise(() => once(child.stdout, "data"))
      assert.strictEqual(String(shown), "Once")
      child.kill("SIGINT")
      yield* server.awaitInterrupted(1)
      // It ends in its own way: a signal would have cut it off
      const [, signal] = yield* Fiber.join(ended)
      assert.isNull(signal)
    }).pipe(Effect.provide(ScriptedServer.layer({ turns: [["Once", Script.stall]] }))), 100_000)
})
