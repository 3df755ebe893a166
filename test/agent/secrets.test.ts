/** The key of a run is in no state or output of the run, for any response of the server. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as FileSystem from "@effect/platform/FileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { inspect } from "node:util"
import * as Agent from "../../src/agent/Agent.js"
import * as Conversation from "../../src/agent/Conversation.js"
import * as Middleware from "../../src/agent/Middleware.js"
import * as Tool from "../../src/agent/Tool.js"
import * as Toolkit from "../../src/agent/Toolkit.js"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { expose } from "../http/support/exposure.js"

const mark = "MARKED4711"
const apiKey = Redacted.make(`sk-or-v1-${mark}`)

const Look = Tool.make("look", { parameters: Schema.Struct({ at: Schema.String }), success: Schema.String })
const Pay = Tool.make("pay", { parameters: Schema.Struct({ euros: Schema.Number }), requireApproval: true })
const tools = Toolkit.make(Look, Pay)
const ToolsLive = tools.toLayer({ look: ({ at }) => Effect.succeed(`view of ${at}`), pay: () => Effect.void })

const said = `You sent "Authorization: Bearer sk-or-v1-${mark}".`
const repeating = { message: said, provider: said, raw: said, metadata: { provider_name: said, raw: said } }
const calls = [Script.toolCall("look", { at: "Paris" }), Script.toolCall("pay", { euros: 5 })]

/** Scripts of a run by outcome; a server that fails repeats the key. */
const scripts: ReadonlyArray<readonly [ending: string, turns: Script.Script]> = [
  ["waits for a yes", [calls]],
  ["answers", [calls.slice(0, 1), "It is sunny."]],
  ["is refused", [calls.slice(0, 1), Script.error(402, repeating)]],
  ["fails in the middle of an answer", [calls.slice(0, 1), ["Half an", Script.fail(502, repeating)]]],
  ["is answered by a page", [calls.slice(0, 1), Script.reply(`<html>${said}</html>`, { status: 503 })]],
  ["loses its connection", [calls.slice(0, 1), ["Half an", Script.reset]]]
]

/** All names and contents of a directory. */
const contents = (directory: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const names = yield* fs.readDirectory(directory, { recursive: true })
    const texts = yield* Effect.forEach(names, (name) =>
      Effect.orElseSucceed(fs.readFileString(`${directory}/${name}`), () => ""))
    return [...names, ...texts].join("\n")
  })

describe("the key of a run", () => {
  for (const [ending, turns] of scripts) {
    it.scoped(`is in no event, file, log, span, error or state when the run ${ending}`, () =>
      Effect.gen(function*() {
        const directory = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
        const seen: Array<unknown> = []
        const watching = Middleware.make({
          model: (request, next, turn) =>
            next(request).pipe(
              Effect.tapError((error) => Effect.sync(() => seen.push(request, turn, error))),
              Effect.tap((answer) => Effect.sync(() => seen.push(request, turn, answer)))
            ),
          end: (run, exit) => Effect.sync(() => seen.push(run, exit))
        })
        const run = Agent.stream({ model: "a/b", input: "Hi", tools, conversation: "c", middleware: watching }).pipe(
          Stream.tap((event) => Effect.sync(() => seen.push(event))),
          Stream.runCollect,
          Effect.tapError((error) => Effect.sync(() => seen.push(error))),
          Effect.zipRight(Conversation.load("c")),
          Effect.tap((log) => Effect.sync(() => seen.push(log, Conversation.history(log)))),
          OpenRouterClient.withOptions({ retry: false, apiKey })
        )
        const shown = yield* expose(Effect.provide(run, Conversation.layerFileSystem({ directory }))).pipe(
          Effect.provide(Layer.merge(ToolsLive, TestModel.layer(turns, { client: { apiKey } })))
        )
        const files = yield* contents(directory)
        assert.include(files, "Paris")
        assert.isAbove(seen.length, 5)
        for (const text of [shown, files, inspect(seen, { depth: null, showHidden: true }), JSON.stringify(seen)]) {
          assert.notInclude(text, mark)
        }
      }).pipe(Effect.provide(NodeContext.layer)))
  }
})

describe("the arguments of a call", () => {
  it.effect("are never evaluated", () =>
    Effect.gen(function*() {
      const evil = "globalThis.evaluated = true"
      const inputs = [
        evil,
        `{"at":"\${${evil}}","toString":"${evil}"}`,
        `{"at":"x","__proto__":{"evaluated":true},"constructor":{"prototype":{"evaluated":true}}}`,
        `{"at":{"toJSON":"${evil}","valueOf":"${evil}"}}`,
        `(() => { ${evil} })()`
      ]
      const run = yield* Agent.run({ model: "a/b", input: "Hi", tools }).pipe(
        Effect.provide(ToolsLive),
        Effect.provide(TestModel.layer([inputs.map((input) => Script.toolCall("look", input)), "Done"]))
      )
      assert.strictEqual(run.text, "Done")
      assert.isUndefined(Reflect.get(globalThis, "evaluated"))
      assert.isUndefined(Reflect.get({}, "evaluated"))
      const [step] = run.steps
      const carriedOut = step?.toolResults.filter(({ status }) => status === "success")
      assert.strictEqual(carriedOut?.length, 2)
    }))
})
