/** What Effect 3 and Effect 4 say differently to users of `effect/ai`. */
import type { AiError } from "effect/ai/AiError"
import type * as EmbeddingModel from "effect/ai/EmbeddingModel"
import * as Prompt from "effect/ai/Prompt"
import type * as Response from "effect/ai/Response"
import * as Tool from "effect/ai/Tool"
import * as Toolkit from "effect/ai/Toolkit"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const parameters = Schema.Struct({
  a: Schema.Number,
  b: Schema.optional(Schema.Number),
  labels: Schema.optional(Schema.Record(Schema.String, Schema.String))
})

/** A tool with optional parameters and a record, and one without parameters. */
export const Kit = Toolkit.make(
  Tool.make("add", { description: "Adds.", parameters, success: Schema.Number }),
  Tool.make("now", { parameters: Schema.Struct({}), success: Schema.String })
)

export const KitLive = Kit.toLayer({
  add: ({ a, b = 0 }) => Effect.succeed(a + b),
  now: () => Effect.succeed("noon")
})

/** Tools with all that those of this edition can do, and what becomes of it. */
export const Rich = Toolkit.make(
  Tool.dynamic("look", {
    parameters: { type: "object", properties: { at: { type: "string" } }, required: ["at"] },
    success: Schema.String,
    toModelOutput: (result) => [Prompt.makePart("text", { text: `It is ${result}.` })]
  }),
  Tool.make("ask", { parameters: Schema.Struct({}), success: Schema.String, needsApproval: true })
)

export const RichLive = Rich.toLayer({
  look: (params, { preliminary }) => Effect.as(preliminary("half"), `seen ${Object(params).at}`),
  ask: () => Effect.succeed("yes")
})

export const richly = {
  progress: ["half"] as ReadonlyArray<unknown>,
  outcome: "awaiting_approval",
  content: [{ type: "text", text: "It is seen sea." }]
} as const

/** Tools of OpenRouter, and one of another provider. */
export const Search = Tool.providerDefined({
  id: "openrouter.web_search",
  customName: "Search",
  providerName: "web_search",
  args: Schema.Struct({ max_results: Schema.Number })
})({ max_results: 3 })

export const Foreign = Tool.providerDefined({
  id: "openai.code_interpreter",
  customName: "Code",
  providerName: "code_interpreter"
})()

/** Tools of these names, with any parameters, whose handlers do nothing. */
export const anyTools = (names: ReadonlyArray<string>) => {
  const kit = Toolkit.make(...names.map((name) => Tool.make(name, { parameters: Schema.Struct({}) })))
  return Effect.provide(kit, kit.toLayer(Object.fromEntries(names.map((name) => [name, () => Effect.void]))))
}

/** Tokens of input and output, in all, for reasoning, and of a cache. */
export const tokensOf = (usage: Response.Usage): ReadonlyArray<number | undefined> => [
  usage.inputTokens.total,
  usage.outputTokens.total,
  usage.outputTokens.reasoning,
  usage.inputTokens.cacheRead
]

/** The vectors of a model. */
export const vectorsOf = ({ embeddings }: EmbeddingModel.EmbedManyResponse): ReadonlyArray<ReadonlyArray<number>> =>
  embeddings.map(({ vector }) => vector)

/** The kind of an error, its status if it has one, and the seconds to wait. */
export const kindOf = (error: AiError): ReadonlyArray<string | number | undefined> => {
  const { reason } = error
  const status = "http" in reason ? reason.http?.response?.status : undefined
  const wait = "retryAfter" in reason && reason.retryAfter !== undefined
    ? [Duration.toSeconds(reason.retryAfter)]
    : []
  return [reason._tag, ...status === undefined ? [] : [status], ...wait]
}

/** What {@link kindOf} says of errors. */
export const kinds = {
  payment: ["QuotaExhaustedError", 402],
  rateLimit: ["RateLimitError", 429, 7],
  input: ["InvalidUserInputError"],
  output: ["InvalidOutputError"],
  refused: ["ContentPolicyError"],
  unfit: ["StructuredOutputError"],
  network: ["NetworkError"]
} as const
