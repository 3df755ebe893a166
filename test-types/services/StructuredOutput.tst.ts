import { Chat, type OpenRouterClient, Responses, type StructuredOutput } from "effect-openrouter"
import type { ChatResult } from "effect-openrouter/schema/Chat"
import type { OpenResponsesResult } from "effect-openrouter/schema/Responses"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { describe, expect, test } from "tstyche"

const Person = Schema.Struct({ name: Schema.String, born: Schema.optional(Schema.Date) })
type Person = { readonly name: string; readonly born?: Date | undefined }

declare const messages: Chat.SendParams["messages"]

class Ages extends Context.Tag("Ages")<Ages, { readonly of: (name: string) => number }>() {}

declare const Age: Schema.Schema<number, string, Ages>

describe("object", () => {
  test("gives the type of the schema beside the result", () => {
    expect<Effect.Effect.Success<ReturnType<typeof Chat.object<Person, unknown, never>>>>().type.toBe<
      StructuredOutput.ObjectResult<Person, ChatResult>
    >()
    const answered = Responses.object({ input: "Who?", schema: Person })
    expect<Effect.Effect.Success<typeof answered>["value"]>().type.toBe<Person>()
    expect<Effect.Effect.Success<typeof answered>["result"]>().type.toBe<OpenResponsesResult>()
  })

  test("fails as send does, and as its own errors say", () => {
    const answered = Chat.object({ messages, schema: Person })
    expect<Effect.Effect.Error<typeof answered>>().type.toBe<
      Effect.Effect.Error<ReturnType<typeof Chat.send>> | StructuredOutput.StructuredOutputError
    >()
  })

  test("needs the client, and what the schema needs", () => {
    const plain = Chat.object({ messages, schema: Person })
    expect<Effect.Effect.Context<typeof plain>>().type.toBe<OpenRouterClient.OpenRouterClient>()
    const needy = Chat.object({ messages, schema: Schema.Struct({ age: Age }) })
    expect<Effect.Effect.Context<typeof needy>>().type.toBe<OpenRouterClient.OpenRouterClient | Ages>()
  })

  test("takes no format and no stream of its own", () => {
    expect(Chat.object).type.not.toBeCallableWith({ messages, schema: Person, response_format: { type: "text" } })
    expect(Chat.object).type.not.toBeCallableWith({ messages, schema: Person, stream: true })
    expect(Responses.object).type.not.toBeCallableWith({
      input: "",
      schema: Person,
      text: { format: { type: "text" } }
    })
    expect(Responses.object).type.toBeCallableWith({ input: "", schema: Person, text: { verbosity: "low" } })
  })
})
