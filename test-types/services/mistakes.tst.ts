/** Usual mistakes with requests and with the client: what the compiler says names the mistake. */
import { Agent, Chat, Messages, Models, OpenRouterClient, Responses } from "effect-openrouter"
import { MockHttpClient } from "effect-openrouter/testing"
import * as Effect from "effect/Effect"
import { describe, test } from "tstyche"

const params = { model: "openai/gpt-5-nano", messages: [] } as const

/** A history as a database returns it. */
declare const rows: Array<{ role: string; content: string }>

describe("a mistake", () => {
  test("with messages", () => {
    // @ts-expect-error Type 'string' is not assignable to type 'TagOfNewerApi | "
    Chat.send({ model: "openai/gpt-5-nano", messages: rows })
    // @ts-expect-error Did you mean '"user"'?
    Chat.send({ model: "openai/gpt-5-nano", messages: [{ role: "usr", content: "Hi" }] })
    // A run takes any role
    Agent.run({ model: "openai/gpt-5-nano", input: rows })
  })

  test("with a stream", () => {
    // @ts-expect-error Hint<"use Chat.stream">
    Chat.send({ ...params, stream: true })
    // @ts-expect-error Hint<"use Responses.stream">
    Responses.send({ input: "Hi", stream: true })
    // @ts-expect-error Hint<"use Messages.stream">
    Messages.send({ ...params, max_tokens: 5, stream: true })
  })

  test("with the client", () => {
    // @ts-expect-error Type 'OpenRouterClient' is not assignable to type 'never'
    Effect.runPromise(Chat.send(params))
    // @ts-expect-error Type 'HttpClient' is not assignable to type 'never'
    Effect.runPromise(Effect.provide(Chat.send(params), OpenRouterClient.layer()))
    // @ts-expect-error Hint<"wrap the text: Redacted.make(key)">
    OpenRouterClient.layer({ apiKey: "sk-or-v1-key" })
    // @ts-expect-error Hint<"wrap the text: Redacted.make(key)">
    OpenRouterClient.withOptions(Chat.send(params), { apiKey: "sk-or-v1-key" })
    // @ts-expect-error Hint<"write \"30 seconds\", or milliseconds">
    OpenRouterClient.layer({ timeout: "30s" })
    // @ts-expect-error Hint<"write \"30 seconds\", or milliseconds">
    OpenRouterClient.withOptions(Chat.send(params), { idleTimeout: "30" })
  })

  test("with an error that an endpoint does not have", () => {
    // @ts-expect-error '"ConflictResponseError"' is not assignable to parameter of type '"BadRequestResponseError" |
    Chat.send(params).pipe(Effect.catchTag("ConflictResponseError", () => Effect.void))
  })

  test("with a fixture of a test", () => {
    // @ts-expect-error Type '{ id: string; }' is missing the following properties from type 'Model': architecture, name, pricing
    MockHttpClient.on(Models.list, () => ({ data: [{ id: "openai/gpt-5-nano" }] }))
    // @ts-expect-error Property 'choices' is missing in type '{ id: string; }' but required in type 'ChatResult'
    MockHttpClient.on(Chat.send, () => ({ id: "gen-1" }))
  })
})
