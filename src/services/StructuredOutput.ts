/**
 * Typed values from a model: an Effect schema is sent as a JSON Schema, and the response is decoded with it.
 * `Chat.object` and `Responses.object` do both in one call. Use this module for streams and for your own requests.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { expectation } from "../internal/effect/schemaIssues.js"
import { nameOf, type Node } from "../internal/effect/schemaView.js"
import { PartialResponse } from "../response/partialResponse.js"
import type { ChatResult } from "../schema/Chat.js"
import type { ChatFormatJsonSchemaConfig } from "../schema/ChatRequest.js"
import type { Issue } from "../schema/guard.js"
import * as JsonSchema from "../schema/jsonSchema.js"
import type { FormatJsonSchemaConfig, OpenResponsesResult } from "../schema/Responses.js"
import type { ProviderPreferences } from "../schema/RoutingRequest.js"
import { findJson, type Piece } from "./internal/jsonText.js"
import { readResponseText, type ResponseText } from "./internal/responseText.js"

export { type JsonSchema, JsonSchemaError } from "../schema/jsonSchema.js"

/**
 * The value that the model must return.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<A, I, R> {
  /** The model writes its encoded form; `value` has its type. */
  readonly schema: Schema.Schema<A, I, R>
  /** The name of the value, for the model: letters, digits, `_` and `-`. Default: the identifier of the schema. */
  readonly name?: string | undefined
  /** The purpose of the value, in addition to the descriptions in the schema. */
  readonly description?: string | undefined
  /** Whether providers must enforce the schema. Default: true. */
  readonly strict?: boolean | undefined
}

/**
 * A structured output: fields for requests of both APIs, and a function that reads their responses.
 *
 * @since 0.1.0
 * @category models
 */
export interface StructuredOutput<out A, out R> {
  /** `response_format` of a chat request. */
  readonly responseFormat: ChatFormatJsonSchemaConfig
  /** `text.format` of a request to the Responses API. */
  readonly textFormat: FormatJsonSchemaConfig
  /** Reads the value from a whole response, or from the accumulated response of a stream. */
  readonly read: (result: ChatResult | OpenResponsesResult) => Effect.Effect<A, ReadError, R>
}

/**
 * A value, and the result from which it was read, with its usage and cost.
 *
 * @since 0.1.0
 * @category models
 */
export interface ObjectResult<out A, out Result> {
  readonly value: A
  readonly result: Result
}

/**
 * A value as far as it is written: a field may be absent, and a list may have fewer elements. It has the encoded form of the
 * schema, and nothing has checked it.
 *
 * @since 0.1.0
 * @category models
 */
export type DeepPartial<I> = I extends ReadonlyArray<infer Element>
  ? number extends I["length"] ? ReadonlyArray<DeepPartial<Element>>
  : { readonly [Key in keyof I]?: DeepPartial<I[Key]> }
  : I extends object
  // A record has the keys that are written
    ? Record<never, never> extends I ? { readonly [Key in keyof I]: DeepPartial<I[Key]> }
    : { readonly [Key in keyof I]?: DeepPartial<I[Key]> }
  : I

/**
 * The value so far. The strings in it are as long as they are written, numbers are complete. It replaces the one before,
 * of which it usually is a continuation; the model may also begin anew.
 *
 * @since 0.1.0
 * @category models
 */
export interface PartialPart<out Value> {
  readonly _tag: "partial"
  readonly value: Value
}

/**
 * An element of a list that is complete, decoded by its schema. If the model begins the value anew, `index` begins at 0 again.
 *
 * @since 0.1.0
 * @category models
 */
export interface ElementPart<out Element> {
  readonly _tag: "element"
  readonly index: number
  readonly value: Element
}

/**
 * The end: the decoded value, and the result from which it was read.
 *
 * @since 0.1.0
 * @category models
 */
export interface DonePart<out A, out Result> extends ObjectResult<A, Result> {
  readonly _tag: "done"
}

/**
 * What the stream of a value emits: values so far, the elements of a list if they were requested, and the end.
 *
 * @since 0.1.0
 * @category models
 */
export type ObjectPart<A, I, Result, Element = never> =
  | PartialPart<DeepPartial<I>>
  | ([Element] extends [never] ? never : ElementPart<Element>)
  | DonePart<A, Result>

/**
 * The lists in a value whose elements can be emitted one by one: the names of its fields that are lists, or `true` for a value
 * that is a list itself.
 *
 * @since 0.1.0
 * @category models
 */
export type ListOf<A, I> = A extends ReadonlyArray<unknown> ? I extends ReadonlyArray<unknown> ? true : never
  : {
    [Key in keyof A & keyof I & string]-?: NonNullable<A[Key]> extends ReadonlyArray<unknown>
      ? NonNullable<I[Key]> extends ReadonlyArray<unknown> ? Key : never
      : never
  }[keyof A & keyof I & string]

/**
 * The type of the elements of such a list.
 *
 * @since 0.1.0
 * @category models
 */
export type ElementOf<A, List> = List extends true ? A extends ReadonlyArray<infer Element> ? Element : never
  : List extends keyof A ? NonNullable<A[List]> extends ReadonlyArray<infer Element> ? Element : never
  : never

/**
 * The response of the model is not JSON, or does not fit the schema. `issues` lists where and why, `text` is the text
 * of the model, and `response` holds the whole result with its usage and its cost (USD). Another request may succeed.
 *
 * @since 0.1.0
 * @category errors
 */
export class StructuredOutputMismatchError
  extends Schema.TaggedError<StructuredOutputMismatchError>()("StructuredOutputMismatchError", {
    message: Schema.String,
    text: Schema.String,
    issues: Schema.Array(Schema.Struct({ path: Schema.String, message: Schema.String })),
    response: PartialResponse
  })
{}

/**
 * The model refused, or a content filter removed its response. `refusal` is the text of the refusal, if there is one.
 *
 * @since 0.1.0
 * @category errors
 */
export class StructuredOutputRefusedError
  extends Schema.TaggedError<StructuredOutputRefusedError>()("StructuredOutputRefusedError", {
    message: Schema.String,
    refusal: Schema.optional(Schema.String),
    response: PartialResponse
  })
{}

/**
 * The response reached a limit of tokens before the value was complete. `text` is the incomplete text.
 *
 * @since 0.1.0
 * @category errors
 */
export class StructuredOutputTruncatedError
  extends Schema.TaggedError<StructuredOutputTruncatedError>()("StructuredOutputTruncatedError", {
    message: Schema.String,
    text: Schema.String,
    response: PartialResponse
  })
{}

/**
 * Errors of reading a value from a response.
 *
 * @since 0.1.0
 * @category errors
 */
export type ReadError = StructuredOutputMismatchError | StructuredOutputRefusedError | StructuredOutputTruncatedError

/**
 * Errors of a structured output in addition to those of the request: the schema cannot be sent (then nothing is sent),
 * or the response does not hold the value.
 *
 * @since 0.1.0
 * @category errors
 */
export type StructuredOutputError = JsonSchema.JsonSchemaError | ReadError

/**
 * Prepares a structured output. Fails with `JsonSchemaError` when the schema cannot be sent.
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
      name: options.name ?? formatName(options.schema.ast),
      ...(options.description === undefined ? {} : { description: options.description }),
      strict: codec.strict,
      schema: codec.schema
    }
    return {
      responseFormat: { type: "json_schema", json_schema: format },
      textFormat: { type: "json_schema", ...format },
      read: (result) => read(codec, readResponseText(result))
    }
  })

/**
 * Adds `require_parameters: true` to provider preferences, so that no provider is used which would ignore the schema.
 * Preferences that set `require_parameters` themselves stay as they are.
 *
 * @since 0.1.0
 * @category combinators
 */
export const requireSupport = (provider: ProviderPreferences | null | undefined): ProviderPreferences => ({
  ...provider,
  require_parameters: provider?.require_parameters ?? true
})

const formatName = (ast: Node): string => {
  const name = (nameOf(ast) ?? "").replace(/[^A-Za-z0-9_-]+/g, "_").slice(0, 64)
  return name === "" || name === "_" ? "answer" : name
}

const read = <A, R>(codec: JsonSchema.Codec<A, R>, found: ResponseText): Effect.Effect<A, ReadError, R> => {
  const { response, refusal, texts, isTruncated, isFiltered } = found
  if (refusal !== undefined) {
    return Effect.fail(
      refused(
        response,
        refusal,
        "structured output: the model refused. The text of the refusal is in `refusal`. Change the prompt, or use another model."
      )
    )
  }
  const pieces = texts.flatMap((text) => findJson(text, isTruncated || isFiltered))
  return Effect.mapError(firstThatFits(codec, pieces), (issues): ReadError => {
    if (isFiltered) return refused(response, undefined, filtered)
    return isTruncated ? truncated(response) : mismatch(response, issues)
  })
}

/** If none fits, the issues are those of the longest piece, which is the likeliest attempt at the value. */
const firstThatFits = <A, R>(
  codec: JsonSchema.Codec<A, R>,
  pieces: ReadonlyArray<Piece>
): Effect.Effect<A, ReadonlyArray<Issue>, R> => {
  const [first, ...others] = pieces
  if (first === undefined) return Effect.fail([{ path: "", message: "it contains no JSON" }])
  const longest = others.reduce((longest, piece) => lengthOf(piece) > lengthOf(longest) ? piece : longest, first)
  const from = (position: number): Effect.Effect<A, ReadonlyArray<Issue>, R> => {
    const piece = pieces[position]
    return piece === undefined
      ? codec.decode(longest.value)
      : Effect.catchAll(codec.decode(piece.value), () => from(position + 1))
  }
  return from(0)
}

const lengthOf = ({ end, start }: Piece): number => end - start

const filtered = "structured output: a content filter stopped the response. Change the prompt, or use another model."

const refused = (response: PartialResponse, refusal: string | undefined, message: string) =>
  new StructuredOutputRefusedError({ message, refusal, response })

const truncated = (response: PartialResponse) =>
  new StructuredOutputTruncatedError({
    message: "structured output: the response reached the limit of tokens before the value was complete. " +
      "Allow more tokens, or request a smaller value.",
    text: response.text,
    response
  })

const mismatch = (response: PartialResponse, issues: ReadonlyArray<Issue>) =>
  new StructuredOutputMismatchError({
    message: mismatchMessage(response, issues),
    text: response.text,
    issues,
    response
  })

const mismatchMessage = (response: PartialResponse, [first, ...others]: ReadonlyArray<Issue>): string => {
  if (response.text === "") {
    const [call] = response.toolCalls
    return call === undefined
      ? "structured output: the response has no text. Send the request again, or use another model."
      : `structured output: the model called the tool "${call.name}" and wrote no text. ` +
        "Run the tool and send another request."
  }
  const place = first === undefined || first.path === "" ? "" : ` at "${first.path}"`
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`
  const why = first === undefined ? "unknown" : expectation(first.message)
  return `structured output: the response does not fit the schema: ${why}${place}${more}. Its text is in \`text\`. ` +
    "Send the request again, or use a model that supports structured outputs."
}
