import { Chat, type OpenRouterClient, Responses, type StructuredOutput } from "effect-openrouter"
import type { ChatResult } from "effect-openrouter/schema/Chat"
import type { OpenResponsesResult } from "effect-openrouter/schema/Responses"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
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

const Report = Schema.Struct({
  title: Schema.String,
  at: Schema.Date,
  sources: Schema.Array(Schema.Struct({ url: Schema.String, seen: Schema.Date })),
  tags: Schema.optional(Schema.NullOr(Schema.Array(Schema.NumberFromString))),
  pair: Schema.Tuple(Schema.String, Schema.Int)
})

interface Source {
  readonly url: string
  readonly seen: Date
}

type Part<S> = S extends Stream.Stream<infer A, infer _E, infer _R> ? A : never

describe("streamObject", () => {
  const streamed = Chat.streamObject({ messages, schema: Report })

  test("emits partial values of the encoded side, and at the end the value with its result", () => {
    type Partial = Extract<Part<typeof streamed>, { readonly _tag: "partial" }>["value"]
    expect<Partial>().type.toBe<{
      readonly title?: string
      readonly at?: string
      readonly sources?: ReadonlyArray<{ readonly url?: string; readonly seen?: string }>
      readonly tags?: ReadonlyArray<string> | null | undefined
      readonly pair?: readonly [string?, number?]
    }>()
    type Done = Extract<Part<typeof streamed>, { readonly _tag: "done" }>
    expect<Done["value"]>().type.toBe<typeof Report.Type>()
    expect<Done["result"]>().type.toBe<ChatResult>()
    expect<Part<typeof streamed>["_tag"]>().type.toBe<"partial" | "done">()
  })

  test("emits the decoded elements of a list, if they are wanted", () => {
    type Elements<S> = Part<S> extends infer One
      ? One extends { readonly _tag: "element"; readonly value: infer Element } ? Element : never
      : never
    const sources = Chat.streamObject({ messages, schema: Report, elements: "sources" })
    expect<Elements<typeof sources>>().type.toBe<Source>()
    const tags = Responses.streamObject({ input: "", schema: Report, elements: "tags" })
    expect<Elements<typeof tags>>().type.toBe<number>()
    const primes = Responses.streamObject({ input: "", schema: Schema.Array(Schema.Int), elements: true })
    expect<Elements<typeof primes>>().type.toBe<number>()
  })

  test("takes only lists for elements", () => {
    expect(Chat.streamObject).type.not.toBeCallableWith({ messages, schema: Report, elements: "title" })
    expect(Chat.streamObject).type.not.toBeCallableWith({ messages, schema: Report, elements: true })
    expect(Chat.streamObject).type.not.toBeCallableWith({
      messages,
      schema: Schema.Array(Schema.Int),
      elements: "length"
    })
  })

  test("fails as stream does, and as its own errors say", () => {
    expect<Stream.Stream.Error<typeof streamed>>().type.toBe<
      Stream.Stream.Error<ReturnType<typeof Chat.stream>> | StructuredOutput.StructuredOutputError
    >()
    const events = Responses.streamObject({ input: "", schema: Report })
    expect<Stream.Stream.Error<typeof events>>().type.toBe<
      Stream.Stream.Error<ReturnType<typeof Responses.stream>> | StructuredOutput.StructuredOutputError
    >()
  })

  test("needs the client, and what the schema needs", () => {
    expect<Stream.Stream.Context<typeof streamed>>().type.toBe<OpenRouterClient.OpenRouterClient>()
    const needy = Chat.streamObject({ messages, schema: Schema.Struct({ age: Age }) })
    expect<Stream.Stream.Context<typeof needy>>().type.toBe<OpenRouterClient.OpenRouterClient | Ages>()
  })
})

describe("DeepPartial", () => {
  test("leaves unions, nulls and unknown values what they are", () => {
    expect<StructuredOutput.DeepPartial<string | null>>().type.toBe<string | null>()
    expect<StructuredOutput.DeepPartial<unknown>>().type.toBe<unknown>()
    expect<StructuredOutput.DeepPartial<{ readonly a: 1 } | ReadonlyArray<{ readonly b: 2 }>>>().type.toBe<
      { readonly a?: 1 } | ReadonlyArray<{ readonly b?: 2 }>
    >()
    expect<StructuredOutput.DeepPartial<{ readonly [key: string]: { readonly n: number } }>>().type.toBe<
      { readonly [key: string]: { readonly n?: number } }
    >()
  })
})
