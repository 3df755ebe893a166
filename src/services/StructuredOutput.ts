/**
 * Answers that are values: an Effect schema says what the model has to answer, and what it answered is decoded with it.
 * `Chat.object` and `Responses.object` do it in one call; the pieces are here for streams and for requests of your own.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import { PartialResponse } from "../response/partialResponse.js"
import type { ChatResult } from "../schema/Chat.js"
import type { ChatFormatJsonSchemaConfig } from "../schema/ChatRequest.js"
import type { Issue } from "../schema/guard.js"
import { expectation } from "../schema/issues.js"
import * as JsonSchema from "../schema/jsonSchema.js"
import type { FormatJsonSchemaConfig, OpenResponsesResult } from "../schema/Responses.js"
import type { ProviderPreferences } from "../schema/RoutingRequest.js"
import { jsonIn } from "./internal/jsonText.js"
import { type Saying, sayingOf } from "./internal/saying.js"

export { type JsonSchema, JsonSchemaError } from "../schema/jsonSchema.js"

/**
 * What the answer has to be.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<A, I, R> {
  /** Its encoded side is what the model writes; `value` has its type. */
  readonly schema: Schema.Schema<A, I, R>
  /** What the model is told the answer is called: letters, digits, `_` and `-`. The schema's identifier by default. */
  readonly name?: string | undefined
  /** What the answer is for, beside the descriptions in the schema. */
  readonly description?: string | undefined
  /** Whether providers hold the model to the schema; true by default. */
  readonly strict?: boolean | undefined
}

/**
 * A structured output, ready for requests of either API and for reading what comes back.
 *
 * @since 0.1.0
 * @category models
 */
export interface StructuredOutput<out A, out R> {
  /** `response_format` of a chat request. */
  readonly responseFormat: ChatFormatJsonSchemaConfig
  /** `text.format` of a request to the Responses API. */
  readonly textFormat: FormatJsonSchemaConfig
  /** Finds the value in a whole answer, as it was sent or as a stream added up. */
  readonly read: (result: ChatResult | OpenResponsesResult) => Effect.Effect<A, ReadError, R>
}

/**
 * A value, and the answer that it was read from with its usage and cost.
 *
 * @since 0.1.0
 * @category models
 */
export interface Answered<out A, out Result> {
  readonly value: A
  readonly result: Result
}

/**
 * The model answered, and the answer is no JSON or does not fit the schema. `issues` says where and why, `text` is what
 * the model wrote; `answer` holds the whole result, its usage and its cost (USD). Asking again may help.
 *
 * @since 0.1.0
 * @category errors
 */
export class StructuredOutputMismatchError
  extends Schema.TaggedError<StructuredOutputMismatchError>()("StructuredOutputMismatchError", {
    message: Schema.String,
    text: Schema.String,
    issues: Schema.Array(Schema.Struct({ path: Schema.String, message: Schema.String })),
    answer: PartialResponse
  })
{}

/**
 * The model declined, or a content filter took its answer. `refusal` has its words where it gave any.
 *
 * @since 0.1.0
 * @category errors
 */
export class StructuredOutputRefusedError
  extends Schema.TaggedError<StructuredOutputRefusedError>()("StructuredOutputRefusedError", {
    message: Schema.String,
    refusal: Schema.optional(Schema.String),
    answer: PartialResponse
  })
{}

/**
 * The answer was cut off by a limit of tokens before the value was whole; `text` is what there was of it.
 *
 * @since 0.1.0
 * @category errors
 */
export class StructuredOutputTruncatedError
  extends Schema.TaggedError<StructuredOutputTruncatedError>()("StructuredOutputTruncatedError", {
    message: Schema.String,
    text: Schema.String,
    answer: PartialResponse
  })
{}

/**
 * What can be wrong with an answer that came.
 *
 * @since 0.1.0
 * @category errors
 */
export type ReadError = StructuredOutputMismatchError | StructuredOutputRefusedError | StructuredOutputTruncatedError

/**
 * What can go wrong beside the request itself: a schema that cannot be sent, before anything is, and an answer without
 * the value.
 *
 * @since 0.1.0
 * @category errors
 */
export type StructuredOutputError = JsonSchema.JsonSchemaError | ReadError

/**
 * Prepares a structured output. Fails with `JsonSchemaError` where the schema cannot be sent.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Chat, StructuredOutput } from "effect-openrouter"
 *
 * const Answer = Schema.Struct({ capital: Schema.String })
 *
 * const program = Effect.gen(function*() {
 *   const output = yield* StructuredOutput.make({ schema: Answer, name: "capital" })
 *   const { capital } = yield* Chat.stream({
 *     model: "openai/gpt-5-nano",
 *     messages: [{ role: "user", content: "The capital of France?" }],
 *     response_format: output.responseFormat
 *   }).pipe(Chat.accumulate, Effect.flatMap(output.read))
 *   return capital
 * })
 * ```
 */
export const make = <A, I, R>(
  options: Options<A, I, R>
): Effect.Effect<StructuredOutput<A, R>, JsonSchema.JsonSchemaError> =>
  Effect.map(JsonSchema.make(options.schema, { strict: options.strict }), (codec) => {
    const format = {
      name: options.name ?? nameOf(options.schema.ast),
      ...(options.description === undefined ? {} : { description: options.description }),
      strict: codec.strict,
      schema: codec.schema
    }
    return {
      responseFormat: { type: "json_schema", json_schema: format },
      textFormat: { type: "json_schema", ...format },
      read: (result) => read(codec, sayingOf(result))
    }
  })

/**
 * Provider preferences that leave out providers which would ignore the schema, unless the preferences say themselves
 * what to do about parameters that a provider does not know.
 *
 * @since 0.1.0
 * @category combinators
 */
export const requireSupport = (provider: ProviderPreferences | null | undefined): ProviderPreferences => ({
  ...provider,
  require_parameters: provider?.require_parameters ?? true
})

const nameOf = (ast: AST.AST): string => {
  const own = Option.orElse(AST.getJSONIdentifier(ast), () => AST.getTitleAnnotation(ast))
  const name = Option.getOrElse(own, () => "").replace(/[^A-Za-z0-9_-]+/g, "_").slice(0, 64)
  return name === "" || name === "_" ? "answer" : name
}

const read = <A, R>(codec: JsonSchema.Codec<A, R>, saying: Saying): Effect.Effect<A, ReadError, R> => {
  const { answer, refusal, texts, wasCut, wasFiltered } = saying
  if (refusal !== undefined) {
    return Effect.fail(refused(answer, refusal, "The model declined to answer. Its words are in `refusal`."))
  }
  const candidates = texts.flatMap((text) => jsonIn(text, wasCut || wasFiltered))
  return Effect.mapError(firstThatFits(codec, candidates), (issues): ReadError => {
    if (wasFiltered) return refused(answer, undefined, "A content filter stopped the answer")
    return wasCut ? truncated(answer) : mismatch(answer, issues)
  })
}

const firstThatFits = <A, R>(
  codec: JsonSchema.Codec<A, R>,
  candidates: ReadonlyArray<unknown>
): Effect.Effect<A, ReadonlyArray<Issue>, R> => {
  const [first, ...others] = candidates
  if (candidates.length === 0) return Effect.fail([{ path: "", message: "there is no JSON in it" }])
  return Effect.catchAll(
    codec.decode(first),
    (issues) => Effect.mapError(others.length === 0 ? Effect.fail(issues) : firstThatFits(codec, others), () => issues)
  )
}

const refused = (answer: PartialResponse, refusal: string | undefined, message: string) =>
  new StructuredOutputRefusedError({ message, refusal, answer })

const truncated = (answer: PartialResponse) =>
  new StructuredOutputTruncatedError({
    message: "The answer was cut off by the limit of tokens before the value was whole. Allow more tokens, " +
      "or ask for less",
    text: answer.text,
    answer
  })

const mismatch = (answer: PartialResponse, issues: ReadonlyArray<Issue>) =>
  new StructuredOutputMismatchError({ message: complaint(answer, issues), text: answer.text, issues, answer })

const complaint = (answer: PartialResponse, [first, ...others]: ReadonlyArray<Issue>): string => {
  if (answer.text === "") {
    const [call] = answer.toolCalls
    return call === undefined
      ? "The model answered without a text"
      : `The model called the tool "${call.name}" instead of answering; run it and ask again`
  }
  const place = first === undefined || first.path === "" ? "" : ` at "${first.path}"`
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`
  const why = first === undefined ? "unknown" : expectation(first.message)
  return `The answer does not fit the schema: ${why}${place}${more}. It is in \`text\`.`
}
