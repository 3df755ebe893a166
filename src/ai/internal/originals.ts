/** The errors of this library behind those of `@effect/ai`. */
import type { AiError } from "@effect/ai/AiError"
import type { OpenRouterError } from "../../http/OpenRouterError.js"
import type { ConfigError } from "../../internal/effect/config.js"
import { JsonSchemaError } from "../../schema/jsonSchema.js"
import type { ReadError } from "../../services/StructuredOutput.js"
import { invalidInput, invalidOutput, type Place, toAiError, unfit } from "./effect/errors.js"
import { Unsendable } from "./files.js"
import { UnreadableCall } from "./parts.js"

/**
 * An error of this library: of a request, of the configuration, or of a value that a model wrote.
 *
 * @since 0.1.0
 * @category models
 */
export type Original = OpenRouterError | ConfigError | JsonSchemaError | ReadError

/** A property, and not a `WeakMap`: the span of a call replaces errors by proxies of them. */
const OriginalId: unique symbol = Symbol.for("effect-openrouter/ai/Original")

/**
 * The error of `@effect/ai` for one of this library.
 *
 * @internal
 */
export const translated = (place: Place) => (error: Original | Unsendable | UnreadableCall): AiError => {
  if (error instanceof Unsendable) return invalidInput(place, error.message)
  if (error instanceof UnreadableCall) {
    return invalidOutput(place, `The arguments for the tool ${error.tool} are no JSON`)
  }
  const result = error instanceof JsonSchemaError
    ? invalidInput(place, error.message)
    : isReadError(error)
    ? unfit(place, error)
    : toAiError(place, error)
  return Object.defineProperty(result, OriginalId, { value: error })
}

const isReadError = (error: Original): error is ReadError => error._tag.startsWith("StructuredOutput")

/** @internal */
export const originalOf = (error: unknown): Original | undefined => {
  if (typeof error !== "object" || error === null) return undefined
  // Nothing else sets this property
  return Reflect.get(error, OriginalId) as Original | undefined
}
