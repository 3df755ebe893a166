/**
 * How cost grows: microseconds of CPU per unit, at sizes a power of ten apart. A figure that stays flat, or falls while code
 * gets warm, means that cost grows in proportion. `test/growth` counts the work of the same operations without a clock.
 * Run: npx tsx bench/growth.ts
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Agent from "../src/agent/Agent.js"
import * as Conversation from "../src/agent/Conversation.js"
import * as Tool from "../src/agent/Tool.js"
import * as Toolkit from "../src/agent/Toolkit.js"
import * as OpenRouterClient from "../src/http/OpenRouterClient.js"
import * as Chat from "../src/services/Chat.js"
import * as Script from "../src/testing/Script.js"
import * as TestModel from "../src/testing/TestModel.js"
import { start } from "./processes.js"
import { live } from "./report.js"
import { key, model } from "./scenarios.js"

const sizes = [10, 100, 1000, 10_000, 100_000, 1_000_000]

interface Growth {
  readonly title: string
  readonly from: number
  readonly to: number
  readonly run: (size: number) => Effect.Effect<unknown, unknown>
}

const [server, { port }] = await start<{ readonly port: number }>("server.ts")

const messages = [{ role: "user", content: "Hello!" }] as const

/** A chat whose response has this many events. */
const chat = (kind: string, events: number) =>
  Chat.stream({ model, messages }).pipe(
    Stream.provideSomeLayer(Layer.provide(
      OpenRouterClient.layer({ apiKey: Redacted.make(key), baseUrl: `http://127.0.0.1:${port}/${kind}/${events}` }),
      FetchHttpClient.layer
    ))
  )

const Add = Tool.make("add", { parameters: Schema.Struct({ a: Schema.Number }), success: Schema.Number })
const tools = Toolkit.make(Add)
const call = Script.toolCall("add", { a: 1 })

const times = <A>(size: number, make: (index: number) => A): ReadonlyArray<A> =>
  Array.from({ length: size }, (_, index) => make(index))

const scripted = (script: Script.Script) =>
  Layer.mergeAll(
    tools.toLayer({ add: ({ a }) => Effect.succeed(a + 1) }),
    TestModel.layer([...script, Script.text("Done.")]),
    Conversation.layerMemory
  )

const growths: ReadonlyArray<Growth> = [
  {
    title: "an event of a chat stream",
    from: 1000,
    to: 1_000_000,
    run: (size) => Stream.runDrain(chat("endless", size))
  },
  {
    title: "an event of a chat that is accumulated",
    from: 1000,
    to: 1_000_000,
    run: (size) => Chat.accumulate(chat("endless", size))
  },
  {
    title: "a stream of 100 events, of so many at once",
    from: 10,
    to: 1000,
    run: (size) =>
      Effect.forEach(times(size, () => chat("live", 100)), Stream.runDrain, { concurrency: "unbounded", discard: true })
  },
  {
    title: "a message of the conversation that a run with two tools begins with",
    from: 10,
    to: 10_000,
    run: (size) =>
      Agent.run({
        model,
        tools,
        input: times(size, (index) => ({ role: index % 2 === 0 ? "user" : "assistant", content: `message ${index}` }))
      }).pipe(Effect.provide(scripted([Script.turn([call]), Script.turn([call])])))
  },
  {
    title: "a tool call, of so many in one turn",
    from: 10,
    to: 1000,
    run: (size) =>
      Agent.run({ model, tools, input: "Add." }).pipe(
        Effect.provide(scripted([Script.turn(times(size, () => call))]))
      )
  },
  {
    title: "a turn with a tool, of so many in a stored conversation (each sends all before it)",
    from: 10,
    to: 1000,
    run: (size) =>
      Agent.run({ model, tools, input: "Add.", maxSteps: 2 * size, conversation: "long" }).pipe(
        Effect.provide(scripted(times(size, () => Script.turn([call]))))
      )
  },
  {
    title: "a piece of text that a view of items shows",
    from: 10,
    to: 10_000,
    run: (size) =>
      Effect.scoped(Effect.flatMap(
        Agent.callModel({ model, input: "A story." }),
        (result) => Stream.runDrain(result.itemsStream)
      )).pipe(Effect.provide(scripted([Script.turn([Script.text(times(size, (index) => ` word${index}`))])])))
  }
]

/** Milliseconds of CPU. */
const cpuOf = async (run: Effect.Effect<unknown, unknown>): Promise<number> => {
  const before = process.cpuUsage()
  await Effect.runPromise(run)
  const { system, user } = process.cpuUsage(before)
  return (system + user) / 1000
}

const show = live("Microseconds of CPU for", sizes.map((size) => size.toLocaleString("en")))
for (const { from, run, title, to } of growths) {
  const cells: Record<string, number> = {}
  for (let i = 0; i < 5; i++) await cpuOf(run(from))
  for (const size of sizes.filter((size) => from <= size && size <= to)) {
    cells[size.toLocaleString("en")] = await cpuOf(run(size)) / size * 1000
  }
  show({ name: title, title, digits: 1, cells })
}
server.disconnect()
