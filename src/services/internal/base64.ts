import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import { ResponseValidationError } from "../../http/OpenRouterError.js"
import { excerpt } from "../../internal/json.js"

/**
 * The bytes of a base64 field of an answer. `path` is where the field stands in what the caller passed.
 *
 * @internal
 */
export const decodeBase64 = (
  name: string,
  path: string,
  base64: string
): Effect.Effect<Uint8Array, ResponseValidationError> =>
  Either.match(Encoding.decodeBase64(base64), {
    onLeft: () => Effect.fail(unfit(name, path, "not base64", base64)),
    onRight: Effect.succeed
  })

/** @internal */
export const unfit = (name: string, path: string, problem: string, received: string): ResponseValidationError =>
  new ResponseValidationError({
    message: `${name}: \`${path}\` is ${problem}`,
    issues: [{ path, message: problem }],
    received: excerpt(received, 100)
  })
