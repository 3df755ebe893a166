/**
 * A research agent with live views: tools report progress, several views follow one run, and the run stops when a budget
 * is used up or when the model has called `finish`. Then one last response, without tools, is the text of the run.
 */
import { FetchHttpClient } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Schema, Stream } from "effect"
import { Agent, Compaction, LargeOutput, StopWhen, Tool, Toolkit } from "effect-openrouter"
import { Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"

const Search = Tool.make("web_search", {
  description: "Searches the web",
  parameters: Schema.Struct({ query: Schema.String }),
  success: Schema.Array(Schema.Struct({ title: Schema.String, url: Schema.String })),
  progress: Schema.Struct({ page: Schema.Number, found: Schema.Number }),
  timeout: "30 seconds",
  // Of a long result, the model sees a part, and reads the rest when it needs it
  largeOutput: LargeOutput.keepAside()
})

const Result = Schema.Struct({ answer: Schema.String, sources: Schema.Array(Schema.String) })

const Finish = Tool.make("finish", {
  description: "Ends the task with its result",
  parameters: Result,
  success: Result
})

const Research = Toolkit.make(Search, Finish)
const ResearchLive = Research.toLayer({
  web_search: ({ query }, call) =>
    Effect.gen(function*() {
      for (const page of [1, 2, 3]) {
        yield* Effect.sleep("30 millis")
        yield* call.progress({ page, found: page * 4 })
      }
      return [{ title: `About ${query}`, url: `https://example.com/${encodeURIComponent(query)}` }]
    }),
  finish: (result) => Effect.succeed(result)
})

const program = Effect.scoped(Effect.gen(function*() {
  const result = yield* Agent.callModel({
    model: "openai/gpt-5-nano",
    instructions: "You are a research assistant. Search, then call finish.",
    input: "What is new about lighthouses?",
    tools: Research,
    // A long run stays within the context of the model, and uses the cache of its prompt
    compaction: Compaction.make(),
    cache: "auto",
    stopWhen: [
      StopWhen.hasToolCall("finish"),
      StopWhen.stepCountIs(10),
      StopWhen.maxCost(1),
      StopWhen.elapsed("2 minutes")
    ]
  })
  const watchTools = Stream.runForEach(result.toolStream, (event) => {
    switch (event.type) {
      case "delta":
        return Effect.void
      case "tool.preliminary_result":
        return Console.log(`  ${event.name}: page ${event.result.page}, ${event.result.found} found`)
      case "tool.result":
        return Console.log(`  ${event.name}: ${event.status}`)
    }
  })
  const watchCalls = Stream.runForEach(
    result.toolCallsStream,
    (call) => Console.log(`${call.name} ${JSON.stringify(call.arguments)} → ${JSON.stringify(call.result)}`)
  )
  yield* Effect.all([watchTools, watchCalls], { concurrency: "unbounded" })

  const run = yield* result.run
  yield* Console.log(run.outcome, run.steps.flatMap((step) => step.toolResults).at(-1)?.result)
  yield* Console.log(run.text)
  // A late view receives the text from its beginning
  yield* Console.log(yield* Stream.mkString(result.textStream))
  yield* Console.log(`${(yield* result.usage).totalTokens} tokens, $${yield* result.cost}`)
}))

const turns = [
  Script.turn(
    [
      "Let me look around. ",
      Script.toolCall("web_search", { query: "lighthouses" }),
      Script.toolCall("web_search", { query: "lamps" })
    ],
    { cost: 0.002 }
  ),
  Script.turn(
    [
      "That will do.",
      Script.toolCall("finish", { answer: "They have LEDs now.", sources: ["https://example.com/lamps"] })
    ],
    { cost: 0.003 }
  ),
  Script.turn("Lighthouses have LEDs now.", { cost: 0.001 })
]

program.pipe(
  Effect.provide(ResearchLive),
  Effect.provide(Layer.provide(ScriptedServer.layerClient({ turns }), FetchHttpClient.layer)),
  NodeRuntime.runMain
)
