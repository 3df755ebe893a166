/** Examples of the rows that users meet first, by the name of the row. Each compiles. */

const hello = `messages: [{ role: "user", content: "Hello" }]`

export const examples: Readonly<Record<string, string>> = {
  "chat.send": `
import * as Effect from "effect/Effect"
import { Chat } from "effect-openrouter"

const reply = Chat.send({ model: "openai/gpt-5-nano", ${hello} }).pipe(
  Effect.map(Chat.text)
)`,
  "chat.stream": `
import { Console, Stream } from "effect"
import { Chat } from "effect-openrouter"

const story = Chat.stream({ model: "openai/gpt-5-nano", ${hello} }).pipe(
  Chat.textDeltas,
  Stream.runForEach((text) => Console.log(text))
)`,
  "responses.send": `
import * as Effect from "effect/Effect"
import { Responses } from "effect-openrouter"

const reply = Responses.send({ model: "openai/gpt-5-nano", input: "Hello" }).pipe(
  Effect.map(Responses.text)
)`,
  "responses.stream": `
import { Console, Stream } from "effect"
import { Responses } from "effect-openrouter"

const story = Responses.stream({ model: "openai/gpt-5-nano", input: "Hello" }).pipe(
  Responses.textDeltas,
  Stream.runForEach((text) => Console.log(text))
)`,
  "messages.send": `
import { Messages } from "effect-openrouter"

const reply = Messages.send({ model: "anthropic/claude-haiku-4.5", max_tokens: 500, ${hello} })`,
  "messages.stream": `
import { Console, Stream } from "effect"
import { Messages } from "effect-openrouter"

const story = Messages.stream({
  model: "anthropic/claude-haiku-4.5",
  max_tokens: 500,
  ${hello}
}).pipe(Messages.textDeltas, Stream.runForEach((text) => Console.log(text)))`,
  "models.list": `
import * as Effect from "effect/Effect"
import { Models } from "effect-openrouter"

const names = Effect.map(Models.list(), ({ data }) => data.map((model) => model.id))`,
  "embeddings.generate": `
import * as Effect from "effect/Effect"
import { Embeddings } from "effect-openrouter"

const vectors = Embeddings.generate({ model: "openai/text-embedding-3-small", input: ["a lamp", "a chair"] }).pipe(
  Effect.map(({ data }) => data.map((one) => one.embedding))
)`,
  "rerank.rerank": `
import { Rerank } from "effect-openrouter"

const ranked = Rerank.rerank({
  model: "cohere/rerank-v3.5",
  query: "What gives light?",
  documents: ["a lamp", "a chair"]
})`,
  "apiKeys.create": `
import { ApiKeys } from "effect-openrouter"

// The answer has the secret, once
const created = ApiKeys.create({ name: "nightly job", limit: 5, limit_reset: "daily" })`,
  "credits.getCredits": `
import * as Effect from "effect/Effect"
import { Credits } from "effect-openrouter"

const left = Effect.map(Credits.getCredits(), ({ data }) => data.total_credits - data.total_usage)`,
  "generations.getGeneration": `
import * as Effect from "effect/Effect"
import { Generations } from "effect-openrouter"

const cost = Effect.map(Generations.getGeneration({ id: "gen-1" }), ({ data }) => data.total_cost)`
}
