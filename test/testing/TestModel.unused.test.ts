/** Turns that no request got fail the test, in the process and behind a socket. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import type { OpenRouterClient } from "../../src/http/OpenRouterClient.js"
import * as Chat from "../../src/services/Chat.js"
import * as Script from "../../src/testing/Script.js"
import * as ScriptedServer from "../../src/testing/server/ScriptedServer.js"
import * as TestModel from "../../src/testing/TestModel.js"

const ask = Chat.send({ model: "openai/gpt-5-nano", messages: [{ role: "user", content: "Hi" }] })

type Kit = (script: Script.Script, allowUnused?: boolean) => Layer.Layer<OpenRouterClient, unknown>

const kits: Record<"TestModel" | "ScriptedServer", Kit> = {
  TestModel: (script, allowUnused) => TestModel.layer(script, { allowUnused }),
  ScriptedServer: (turns, allowUnused) =>
    Layer.provide(ScriptedServer.layerClient({ turns, allowUnused }), FetchHttpClient.layer)
}

const causeOf = (exit: Exit.Exit<unknown, unknown>): string =>
  Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "success"

for (const [name, kit] of Object.entries(kits)) {
  describe(`turns left over in a ${name}`, () => {
    it.live("fail the test, and the message names them", () =>
      Effect.gen(function*() {
        const script = ["one", Script.error(503), ["two ", Script.toolCall("f")], () => "three", Script.unreachable]
        const exit = yield* Effect.exit(Effect.provide(ask, kit(script)))
        assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
        assert.include(
          causeOf(exit),
          `${name}: 4 of the 5 turns of the script were not used: turn 2, Script.error(503); turn 3, "two " f(...); ` +
            "turn 4, a function; turn 5, Script.unreachable. The number of requests was 1."
        )
        assert.include(causeOf(exit), "`allowUnused: true`")
      }))

    it.live("do not fail it if they are allowed", () =>
      Effect.gen(function*() {
        const reply = yield* Effect.provide(ask, kit(["one", "two"], true))
        assert.strictEqual(Chat.text(reply), "one")
      }))

    it.live("do not fail it if all repeat for ever", () =>
      Effect.gen(function*() {
        yield* Effect.provide(Effect.void, kit([Script.forever("again")]))
        yield* Effect.provide(ask, kit(["one", Script.forever("again")]))
        yield* Effect.provide(Effect.zip(ask, ask), kit(["one", Script.forever("again")]))
      }))

    it.live("fail it if they come before or after a turn for ever", () =>
      Effect.gen(function*() {
        const before = yield* Effect.exit(Effect.provide(ask, kit(["one", "two", Script.forever("again")])))
        assert.include(causeOf(before), "1 of the 3 turns of the script was not used: turn 2, \"two\"")
        const after = yield* Effect.exit(Effect.provide(ask, kit([Script.forever("again"), "never"])))
        assert.include(causeOf(after), "turn 2, \"never\"")
        assert.include(causeOf(after), "No request gets a turn after Script.forever(...).")
      }))

    it.live("do not hide the failure of the test itself", () =>
      Effect.gen(function*() {
        const layer = kit(["one", "two"])
        const failed = yield* Effect.exit(Effect.provide(Effect.zipRight(ask, Effect.fail("own")), layer))
        assert.deepStrictEqual(failed, Exit.fail("own"))
        const died = yield* Effect.exit(Effect.provide(Effect.zipRight(ask, Effect.die("own")), layer))
        assert.deepStrictEqual(died, Exit.die("own"))
      }))

    it.live("do not fail a test that is interrupted", () =>
      Effect.gen(function*() {
        const started = yield* Deferred.make<void>()
        const test = Effect.zipRight(Deferred.succeed(started, undefined), Effect.never)
        const fiber = yield* Effect.fork(Effect.provide(test, kit(["one"])))
        yield* Deferred.await(started)
        yield* Fiber.interrupt(fiber)
        const exit = yield* Fiber.await(fiber)
        assert.isTrue(Exit.isInterrupted(exit))
        assert.notInclude(causeOf(exit), "not used")
      }))

    it.live("fail the end of a runtime, after which no test can use them", () =>
      Effect.gen(function*() {
        const runtime = ManagedRuntime.make(kit(["one", "two"]))
        yield* Effect.promise(() => runtime.runPromise(ask))
        assert.include(causeOf(yield* Effect.exit(runtime.disposeEffect)), "turn 2, \"two\"")
      }))
  })
}

describe("the message of turns left over", () => {
  it.effect("is short, whatever the script", () =>
    Effect.gen(function*() {
      const turns = Array.from({ length: 1000 }, (_, i) => "long ".repeat(1000) + i)
      const exit = yield* Effect.exit(Effect.provide(Effect.void, TestModel.layer(turns)))
      assert.include(causeOf(exit), "and 995 more")
      const message = Exit.isFailure(exit) ? String(Cause.squash(exit.cause)) : ""
      assert.isBelow(message.length, 1200)
    }))

  it.effect("names all that a turn can be", () =>
    Effect.gen(function*() {
      const turns = [[], Script.reply("<html>", { status: 502 }), Script.silent, ["Once", Script.reset]]
      const exit = yield* Effect.exit(Effect.provide(Effect.void, TestModel.layer(turns)))
      assert.include(
        causeOf(exit),
        "turn 1, an empty response; turn 2, Script.reply(...) with the status 502; turn 3, Script.silent; " +
          "turn 4, \"Once\" Reset."
      )
    }))
})
