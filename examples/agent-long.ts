/**
 * An agent that reads more than its model can hold: a model summarizes the history each time that it grows too long, and the run says what the
 * conversation costs in tokens. `npx tsx examples/agent-long.ts` talks to a scripted model.
 */
import { FetchHttpClient } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Schema, Stream } from "effect"
import { Agent, Compaction, Conversation, Tool, Toolkit } from "effect-openrouter"
import { Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"

const ReadPage = Tool.make("read_page", {
  description: "Reads a page of the log book",
  parameters: Schema.Struct({ page: Schema.Number }),
  success: Schema.String
})

const Pages = Toolkit.make(ReadPage)
const PagesLive = Pages.toLayer({
  read_page: ({ page }) => Effect.succeed(`Page ${page}. ${"The lamp burned all night. ".repeat(100)}`)
})

const program = Agent.stream({
  model: "openai/gpt-5-nano",
  input: "Read the log book, and tell me whether the lamp ever failed.",
  tools: Pages,
  conversation: "log-book",
  compaction: Compaction.make({
    contextLength: 4000,
    strategies: [Compaction.summarize({ model: "openai/gpt-5-nano", keepTurns: 2 })]
  })
}).pipe(
  Stream.runForEach((event) => {
    switch (event.type) {
      case "context.compacted":
        return Console.log(
          `before turn ${event.turn}: ${event.before} tokens, ${event.after} after ${event.strategies}`
        )
      case "run.end": {
        const { context, cost, text } = event.run
        return Console.log(`${text} (${context.used} of ${context.limit} tokens, $${cost.toFixed(3)})`)
      }
      default:
        return Effect.void
    }
  }),
  Effect.zipRight(Conversation.load("log-book")),
  Effect.flatMap((log) => {
    const [sent, said] = [Conversation.history(log), Conversation.history(log, { whole: true })]
    return Console.log(`The next request would send ${sent.length} of the ${said.length} items that the log keeps.`)
  })
)

/** Reads ten pages. It counts tokens as a provider does: by what the request has. */
const reader = (request: Script.RecordedRequest) => {
  const body = JSON.stringify(request.json["input"])
  const usage = { inputTokens: Math.round(body.length / 4), outputTokens: 20 }
  if (String(request.json["instructions"]).includes("Write a summary")) {
    return Script.turn("The lamp burned on every page so far.", { cost: 0.001, usage })
  }
  const page = Math.max(0, ...[...body.matchAll(/"page\\":(\d+)/g)].map(([, number]) => Number(number)))
  const next = page === 10 ? "It never failed." : Script.toolCall("read_page", { page: page + 1 })
  return Script.turn(next, { cost: 0.002, usage })
}

const environment = Layer.mergeAll(
  PagesLive,
  Conversation.layerMemory,
  Layer.provide(ScriptedServer.layerClient({ turns: [Script.forever(reader)] }), FetchHttpClient.layer)
)

program.pipe(Effect.provide(environment), NodeRuntime.runMain)
