/** Requests for `@effect/ai`, and what reads their responses. */
import type * as LanguageModel from "@effect/ai/LanguageModel"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import { asSchema, encoder } from "../../internal/effect/schemaIssues.js"
import { readResponse } from "../../response/readResponse.js"
import type { ChatResult } from "../../schema/Chat.js"
import type { ChatRequest } from "../../schema/ChatRequest.js"
import type { JsonSchemaError } from "../../schema/jsonSchema.js"
import * as StructuredOutput from "../../services/StructuredOutput.js"
import { keepsMetadata } from "./effect/values.js"
import { Unsendable } from "./files.js"
import { toMessages } from "./messages.js"
import { ReasoningMemory, type Trail } from "./reasoning.js"
import { prepareTools, type Tools } from "./tools.js"

/**
 * What every request of a model has: the fields of a chat request that do not come from the call.
 *
 * @since 0.1.0
 * @category models
 */
export interface Settings
  extends
    Partial<Omit<ChatRequest, "messages" | "response_format" | "tools" | "tool_choice" | "stream" | "stream_options">>
{
  /** Whether providers must enforce the schema of a value. Default: if a strict schema can express it. */
  readonly strictJsonSchema?: boolean | undefined
}

/** Of the process: a layer may be built for each call. @internal */
export const memory = new ReasoningMemory()

/** @internal */
export interface Prepared {
  readonly request: Omit<ChatRequest, "stream">
  readonly tools: Tools
  readonly trail: Trail
  /** Reads the value that the call asks for, as text of its schema; undefined if it asks for none. */
  readonly valueText: ((result: ChatResult) => Effect.Effect<string, StructuredOutput.ReadError>) | undefined
}

/** @internal */
export const prepare = (
  settings: Settings,
  options: LanguageModel.ProviderOptions
): Effect.Effect<Prepared, JsonSchemaError | Unsendable> =>
  Effect.gen(function*() {
    const { strictJsonSchema, ...config } = settings
    const { messages, trail } = yield* Effect.try({
      try: () => toMessages(options.prompt, (key) => keepsMetadata ? [] : memory.recall(key)),
      catch: (error) => error instanceof Unsendable ? error : new Unsendable(String(error))
    })
    const tools = yield* prepareTools(options)
    const request = { ...config, messages, ...tools.fields }
    const { responseFormat } = options
    if (responseFormat.type !== "json") return { request, tools, trail, valueText: undefined }
    const { objectName } = responseFormat
    // The services of the schema are those of the caller, whose fiber runs this
    const schema = asSchema(responseFormat.schema) as Schema.Schema<unknown, unknown>
    const make = (strict: boolean) => StructuredOutput.make({ schema, name: nameFor(objectName), strict })
    const output = yield* strictJsonSchema === undefined
      ? Effect.orElse(make(true), () => make(false))
      : make(strictJsonSchema)
    return {
      request: {
        ...request,
        provider: StructuredOutput.requireSupport(config.provider),
        response_format: output.responseFormat
      },
      tools,
      trail,
      valueText: textWith(output, encoder(schema))
    }
  })

/** What models take as the name of a value. */
const nameFor = (name: string): string => name.replace(/[^A-Za-z0-9_-]+/g, "_").slice(0, 64) || "answer"

/**
 * The value in the form of its schema: a strict model writes `null` for a field without a value, and lists of entries for
 * records. `@effect/ai` decodes the text again.
 */
const textWith = (
  output: StructuredOutput.StructuredOutput<unknown, never>,
  encode: (value: unknown) => Effect.Effect<unknown, unknown>
) =>
(result: ChatResult): Effect.Effect<string, StructuredOutput.ReadError> => {
  const { text, toolCalls } = readResponse(result)
  if (text === "" && toolCalls.length > 0) return Effect.succeed(text)
  return Effect.flatMap(output.read(result), (value) =>
    encode(value).pipe(
      Effect.map((encoded) => JSON.stringify(encoded) ?? text),
      // Of a schema that only decodes
      Effect.orElseSucceed(() => text)
    ))
}
