/**
 * A value while the model writes it: partial values to show, each element of a list when it is complete, and at the end
 * the decoded value. A scripted server writes a report, then one with an element that does not fit the schema.
 */
import { FetchHttpClient } from "@effect/platform"
import { Console, Effect, Layer, Schema, Stream } from "effect"
import { Chat } from "effect-openrouter"
import { Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"

const Report = Schema.Struct({
  title: Schema.String,
  sources: Schema.Array(Schema.Struct({ url: Schema.String, published: Schema.optional(Schema.Date) }))
})

const count = (sources: number) => sources === 1 ? "1 source" : `${sources} sources`

const report = Chat.streamObject({
  model: "openai/gpt-5-nano",
  messages: [{ role: "user", content: "What is new about lighthouses?" }],
  schema: Report,
  elements: "sources"
}).pipe(
  Stream.runForEach((part) => {
    switch (part._tag) {
      case "partial": {
        const { sources, title = "" } = part.value
        return Console.log(sources === undefined ? `${title}…` : `${title}…, ${count(sources.length)}`)
      }
      case "element": {
        const { published, url } = part.value
        return Console.log(`source ${part.index}: ${url}${published ? ` of ${published.getUTCFullYear()}` : ""}`)
      }
      case "done": {
        const { sources, title } = part.value
        return Console.log(`done: ${title}, ${count(sources.length)}, for $${part.result.usage?.cost}`)
      }
    }
  }),
  Effect.catchTag("StructuredOutputMismatchError", (error) => Console.log(`${error.issues[0]?.path} does not fit`))
)

const turns = [
  Script.turn([Script.text([
    "{\"title\":\"Li",
    "ghts\",\"sources\":[{\"url\":\"https://",
    "example.com/1\",\"published\":\"1990-05-01T00:00:00Z\"},",
    "{\"url\":\"https://example.com/2\",\"published\":null}]}"
  ])], { cost: 0.0001, pace: "20 millis" }),
  Script.turn([Script.text([
    "{\"title\":\"Lights\",\"sources\":[{\"url\":\"https://example.com/1\",\"published\":null},",
    "{\"url\":2,\"published\":null}"
  ])], { pace: "20 millis" })
]

report.pipe(
  Effect.repeat({ times: 1 }),
  Effect.provide(Layer.provide(ScriptedServer.layerClient({ turns }), FetchHttpClient.layer)),
  Effect.runPromise
).catch((error) => {
  console.error(error)
  process.exitCode = 1
})
