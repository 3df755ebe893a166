/** What Effect 3 and Effect 4 say differently to users of `@effect/ai`. */
import type { AiError } from "@effect/ai/AiError"
import type * as Response from "@effect/ai/Response"
import * as Tool from "@effect/ai/Tool"
import * as Toolkit from "@effect/ai/Toolkit"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const parameters = { a: Schema.Number, b: Schema.optional(Schema.Number), labels: Schema.optional(Labels()) }

function Labels() {
  return Schema.Record({ key: Schema.String, value: Schema.String })
}

/** A tool with optional parameters and a record, and one without parameters. */
export const Kit = Toolkit.make(
  Tool.make("add", { description: "Adds.", parameters, success: Schema.Number }),
  Tool.make("now", { success: Schema.String })
)

export const KitLive = Kit.toLayer({
  add: ({ a, b = 0 }) => Effect.succeed(a + b),
  now: () => Effect.succeed("noon")
})

/** Tools with all that those of this edition can do, and what becomes of it. */
export const Rich = Toolkit.make(
  Tool.make("look", { parameters: { at: Schema.String }, success: Schema.String }),
  Tool.make("ask", { success: Schema.String })
)

export const RichLive = Rich.toLayer({
  look: ({ at }) => Effect.succeed(`seen ${at}`),
  ask: () => Effect.succeed("yes")
})

export const richly = { progress: [] as ReadonlyArray<unknown>, outcome: "completed", content: "seen sea" } as const

/** Tools of OpenRouter, and one of another provider. */
export const Search = Tool.providerDefined({
  id: "openrouter.web_search",
  toolkitName: "Search",
  providerName: "web_search",
  args: { max_results: Schema.Number }
})({ max_results: 3 })

export const Foreign = Tool.providerDefined({
  id: "openai.code_interpreter",
  toolkitName: "Code",
  providerName: "code_interpreter",
  args: {}
})({})

/** Tools of these names, with any parameters, whose handlers do nothing. */
export const anyTools = (names: ReadonlyArray<string>) => {
  const kit = Toolkit.make(...names.map((name) => Tool.make(name, { parameters: {} })))
  return Effect.provide(kit, kit.toLayer(Object.fromEntries(names.map((name) => [name, () => Effect.void]))))
}

/** Tokens of input and output, in all, for reasoning, and of a cache. */
export const tokensOf = (usage: Response.Usage): ReadonlyArray<number | undefined> => [
  usage.inputTokens,
  usage.outputTokens,
  usage.reasoningTokens,
  usage.cachedInputTokens
]

/** The vectors of a model. */
export const vectorsOf = (response: ReadonlyArray<ReadonlyArray<number>>): ReadonlyArray<ReadonlyArray<number>> =>
  response

/** The kind of an error, its status if it has one, and the seconds to wait. */
export const kindOf = (error: AiError): ReadonlyArray<string | number | undefined> =>
  error._tag === "HttpResponseError"
    ? [error._tag, error.response.status, error.response.headers["retry-after"]]
    : [error._tag]

/** What {@link kindOf} says of errors. */
export const kinds = {
  payment: ["HttpResponseError", 402, undefined],
  rateLimit: ["HttpResponseError", 429, "7"],
  input: ["MalformedInput"],
  output: ["MalformedOutput"],
  refused: ["MalformedOutput"],
  unfit: ["MalformedOutput"],
  network: ["HttpRequestError"]
} as const
