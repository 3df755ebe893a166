/**
 * A value instead of a text: the response must match an Effect schema and is decoded with it. A response without a
 * value is an error with its cost. A scripted server responds with a value, then with prose, then with a truncated
 * value.
 */
import { FetchHttpClient } from "@effect/platform"
import { Console, Effect, Layer, Schema } from "effect"
import { Chat } from "effect-openrouter"
import { Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"

const Recipe = Schema.Struct({
  name: Schema.String,
  minutes: Schema.Int.pipe(Schema.positive()),
  ingredients: Schema.Record({ key: Schema.String, value: Schema.String }),
  invented: Schema.optional(Schema.Date)
}).annotations({ identifier: "recipe" })

const recipe = (dish: string) =>
  Chat.object({
    model: "openai/gpt-5-nano",
    messages: [{ role: "user", content: `How do I make ${dish}?` }],
    schema: Recipe
  }).pipe(
    Effect.flatMap(({ result, value }) =>
      Console.log(`${value.name}: ${value.minutes} minutes`, value.ingredients, `for $${result.usage?.cost}`)
    ),
    Effect.catchTags({
      StructuredOutputMismatchError: (error) =>
        Console.log(`${dish}: ${error.issues[0]?.message} in "${error.text}", for $${error.response.cost}`),
      StructuredOutputTruncatedError: (error) => Console.log(`${dish}: truncated after "${error.text}"`)
    })
  )

const turns = [
  Script.turn(
    JSON.stringify({ name: "Tea", minutes: 5, ingredients: [{ key: "water", value: "200 ml" }], invented: null }),
    { cost: 0.0001 }
  ),
  Script.turn("I would rather not say.", { cost: 0.0002 }),
  Script.turn("{\"name\": \"Bread\", \"minu", { finishReason: "length" })
]

Effect.forEach(["tea", "soup", "bread"], recipe).pipe(
  Effect.provide(Layer.provide(ScriptedServer.layerClient({ turns }), FetchHttpClient.layer)),
  Effect.runPromise
).catch((error) => {
  console.error(error)
  process.exitCode = 1
})
