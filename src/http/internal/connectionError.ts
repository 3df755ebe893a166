import type { HttpFailure } from "../../internal/effect/httpFailures.js"
import { excerpt, isObject, stringAt } from "../../internal/json.js"
import { ConnectionError, OpenRouterDefaultError } from "../OpenRouterError.js"

/**
 * Turns the runtime's report of a broken connection into our own error.
 *
 * @internal
 */
export const connectionError =
  (phase: ConnectionError["phase"], scrub: (text: string) => string) =>
  (error: { readonly cause?: unknown; readonly description?: string | undefined }): ConnectionError => {
    const { code, message } = innermost(error.cause)
    const { advice, what } = texts[phase]
    const why = excerpt(
      scrub([code, message ?? error.description].filter((text) => text !== undefined).join(": ")),
      200
    )
    return new ConnectionError({
      phase,
      code: code && scrub(code),
      message: `${why === "" ? what : `${what} (${why})`}. ${advice}`
    })
  }

const texts = {
  connect: { what: "OpenRouter could not be reached", advice: "Check the network and the base URL." },
  body: {
    what: "The connection broke before the response was complete",
    advice: "What had arrived is in the error; sending the request again may be charged again."
  }
} as const

/**
 * The code and the message at the bottom of a chain of causes.
 *
 * @internal
 */
export const innermost = (
  cause: unknown
): { readonly code?: string | undefined; readonly message?: string | undefined } => {
  let current = cause
  let code: string | undefined
  let message: string | undefined
  for (let depth = 0; depth < 8 && isObject(current); depth++) {
    code = stringAt(current, "code") ?? code
    message = stringAt(current, "message") ?? message
    current = current["cause"]
  }
  return { code, message }
}

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * Whether a response is a redirect. Browsers hide redirects behind the status 0.
 *
 * @internal
 */
export const isRedirect = (status: number): boolean => status === 0 || redirectStatuses.has(status)

/**
 * Whether a request failed because `fetch` was set to fail on redirects.
 *
 * @internal
 */
export const isRefusedRedirect = (error: HttpFailure): boolean =>
  error.request.body._tag === "Stream" && /redirect/i.test(innermost(error.cause).message ?? "")

/**
 * The error of a response that is a redirect. It names the origin of the target only: a path or query may hold secrets.
 *
 * @internal
 */
export const redirectError = (
  name: string,
  response: { readonly status: number; readonly location?: string | undefined; readonly from: string }
): OpenRouterDefaultError => {
  const origin = originOf(response.location, response.from)
  return new OpenRouterDefaultError({
    status: response.status,
    message: `${name}: the server responded with a redirect ${
      origin === undefined ? "that names no target" : `to ${origin}`
    }. Redirects are not followed, because the request and the key would go along. Check the base URL.`
  })
}

const originOf = (location: string | undefined, from: string): string | undefined => {
  if (location === undefined || !URL.canParse(location, from)) return undefined
  const { origin } = new URL(location, from)
  return origin === "null" ? undefined : origin
}
