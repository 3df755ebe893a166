/**
 * Everything at once: an agent reads 293 letters in 300 turns. It compacts its history, asks two other agents, one of which
 * needs an approval, has a guardrail and a budget, and its process is killed and replaced while it works.
 *
 * `npx tsx examples/agent-production.ts` starts a model, and three processes one after the other: the first is killed, the
 * second continues until a call waits for an approval, the third has the approval.
 */
import { FetchHttpClient, FileSystem } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Redacted, Schema } from "effect"
import {
  Agent,
  Compaction,
  Conversation,
  Guardrail,
  OpenRouterClient,
  StopWhen,
  Tool,
  Toolkit
} from "effect-openrouter"
import { Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

const letters = 293
const model = "openai/gpt-5-nano"
const conversation = "letters"

const Letters = Toolkit.make(
  Tool.make("read_letter", { parameters: Schema.Struct({ letter: Schema.Int }), success: Schema.String })
)
const Press = Toolkit.make(
  Tool.make("publish", {
    parameters: Schema.Struct({ title: Schema.String }),
    success: Schema.String,
    requireApproval: true
  })
)

const handlers = Layer.merge(
  Letters.toLayer({
    read_letter: ({ letter }) => Effect.succeed(`Letter ${letter}. ${"The lamp burned all night. ".repeat(20)}`)
  }),
  Press.toLayer({
    publish: ({ title }, call) =>
      Effect.as(Console.log(`(published "${title}" with the key ${call.idempotencyKey})`), "ok")
  })
)

const translator = Agent.make({ name: "translator", model, instructions: "You are the translator." })
const publisher = Agent.make({ name: "publisher", model, instructions: "You are the publisher.", tools: Press })

const archivist = Agent.make({
  name: "archivist",
  model,
  instructions: "You are the archivist.",
  tools: Toolkit.merge(
    Letters,
    Toolkit.make(
      Agent.asTool(translator, { description: "Translates what is not clear" }),
      Agent.asTool(publisher, { description: "Publishes a book" })
    )
  ),
  conversation,
  maxSteps: 400,
  stopWhen: StopWhen.maxCost(1, { of: "conversation" }),
  compaction: Compaction.make({
    contextLength: 6000,
    strategies: [Compaction.trimOutputs({ keepLast: 4 }), Compaction.summarize({ model, keepTurns: 2 })]
  }),
  middleware: Guardrail.outputBySentence({
    name: "telephone numbers",
    check: (sentence, { kind }) =>
      Effect.succeed(
        kind === "text" && /\d{3}-\d{4}/.test(sentence)
          ? Guardrail.replace(sentence.replace(/\d{3}-\d{4}/g, "***"))
          : Guardrail.pass
      )
  })
})

const work = Effect.gen(function*() {
  const log = yield* Conversation.load(conversation)
  // The process of the run before is known to be dead
  yield* Conversation.takeOver(conversation)
  const pending = Conversation.pending(log)
  const run = yield* Agent.run({
    ...archivist,
    input: log.version === 0 ? "Read all letters, and publish what they say." : undefined,
    approve: pending.map(({ callId }) => callId)
  })
  yield* Console.log(`${run.outcome._tag} after ${run.steps.length} turns of this process. ${run.text}`)
})

/** The model: it knows from a request which agent asks, and how far it has come. */
const respond = (request: Script.RecordedRequest) => {
  const body = JSON.stringify(request.json["input"])
  const instructions = String(request.json["instructions"])
  const usage = { inputTokens: Math.round(body.length / 4), outputTokens: 20 }
  const turn = (content: Parameters<typeof Script.turn>[0]) => Script.turn(content, { cost: 0.001, usage })
  const read = Math.max(
    0,
    ...[...body.matchAll(/(?:letter\\":|up to letter )(\d+)/g)].map(([, found]) => Number(found))
  )
  if (instructions.includes("Write a summary")) return turn(`I have read up to letter ${read}.`)
  if (instructions.includes("translator")) return turn("It says that the lamp burned.")
  if (instructions.includes("publisher")) {
    return turn(
      body.includes("function_call_output") ? "Published." : Script.toolCall("publish", { title: "The Lamp" })
    )
  }
  if (body.includes("Published.")) return turn(["The book is out. ", "Call 555-0123 for a copy."])
  if (read === letters) return turn(Script.toolCall("publisher", { task: "Publish the letters." }))
  const isUnclear = read > 0 && read % 50 === 0 && !body.includes(`Translate letter ${read}`)
  return turn(
    isUnclear
      ? Script.toolCall("translator", { task: `Translate letter ${read}.` })
      : [`I read letter ${read + 1}. `, Script.toolCall("read_letter", { letter: read + 1 })]
  )
}

const main = Effect.gen(function*() {
  const server = yield* ScriptedServer.ScriptedServer
  const directory = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
  const start = Effect.sync(() => {
    const args = [...process.execArgv, fileURLToPath(import.meta.url), server.url, directory]
    return spawn(process.execPath, args, { stdio: "inherit" })
  })
  const end = (child: ChildProcess) => Effect.promise(() => once(child, "exit"))

  const first = yield* start
  yield* server.awaitRequests(150)
  first.kill("SIGKILL")
  yield* end(first)
  yield* Console.log("The first process was killed.")
  for (const _ of ["second", "third"]) yield* Effect.flatMap(start, end)

  const requests = yield* server.requests
  const log = yield* Effect.provide(Conversation.load(conversation), conversations(directory))
  const usage = Conversation.usage(log)
  const { bytes, longest } = requests.reduce(({ bytes, longest }, { body }) => {
    const size = JSON.stringify(body).length
    return { bytes: bytes + size, longest: Math.max(longest, size) }
  }, { bytes: 0, longest: 0 })
  yield* Console.log(
    `Sent: ${requests.length} requests, ${Math.round(bytes / 1024)} KiB, the longest ${longest} bytes.`
  )
  yield* Console.log(`Charged: $${(requests.length * 0.001).toFixed(3)}. In the log: $${usage.cost.toFixed(3)}.`)
  yield* Console.log(
    `Stored: ${log.entries.length} entries. ${
      Conversation.history(log, { whole: true }).length
    } items were said, the next ` +
      `request would send ${Conversation.history(log).length}.`
  )
})

const conversations = (directory: string) => Conversation.layerFileSystem({ directory })

const [, , baseUrl, directory] = process.argv

const worker = (baseUrl: string, directory: string) =>
  Layer.mergeAll(
    handlers,
    conversations(directory),
    Layer.provide(
      OpenRouterClient.layer({ apiKey: Redacted.make("sk-or-test"), baseUrl, allowInsecureHttp: true }),
      FetchHttpClient.layer
    )
  )

Effect.gen(function*() {
  if (baseUrl !== undefined && directory !== undefined) return yield* Effect.provide(work, worker(baseUrl, directory))
  return yield* Effect.provide(main, ScriptedServer.layer({ turns: [Script.forever(respond)] }))
}).pipe(Effect.scoped, Effect.provide(NodeContext.layer), NodeRuntime.runMain)
