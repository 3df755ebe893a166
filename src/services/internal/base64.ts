import * as Effect from "effect/Effect"
import { ResponseValidationError } from "../../http/OpenRouterError.js"
import { decodeBase64 as fromBase64 } from "../../internal/effect/base64.js"
import { excerpt } from "../../internal/json.js"

/**
 * The bytes of a base64 field of a response. `path` is the path of the field in the value that the caller passed.
 *
 * @internal
 */
export const decodeBase64 = (
  name: string,
  path: string,
  base64: string
): Effect.Effect<Uint8Array, ResponseValidationError> =>
  Effect.suspend(() => {
    const bytes = fromBase64(base64)
    return bytes === undefined ? Effect.fail(unfit(name, path, "not base64", base64)) : Effect.succeed(bytes)
  })

/** @internal */
export const unfit = (name: string, path: string, problem: string, received: string): ResponseValidationError =>
  new ResponseValidationError({
    message: `${name}: \`${path}\` is ${problem}`,
    issues: [{ path, message: problem }],
    received: excerpt(received, 100)
  })
