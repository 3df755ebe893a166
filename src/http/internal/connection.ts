import type { RequestError, ResponseError } from "@effect/platform/HttpClientError"
import { excerpt, isObject, stringAt } from "../../internal/json.js"
import { ConnectionError, OpenRouterDefaultError } from "../OpenRouterError.js"

/**
 * What the runtime says of a broken connection, as our own error.
 *
 * @internal
 */
export const connectionError =
  (phase: ConnectionError["phase"], conceal: (text: string) => string) =>
  (error: { readonly cause?: unknown; readonly description?: string | undefined }): ConnectionError => {
    const { code, message } = innermost(error.cause)
    const words = [code, message ?? error.description].filter((text) => text !== undefined)
    const why = excerpt(conceal(words.join(": ")), 200)
    const what = why === "" ? told[phase].what : `${told[phase].what} (${why})`
    return new ConnectionError({ phase, code: code && conceal(code), message: `${what}. ${told[phase].advice}` })
  }

const told = {
  connect: { what: "OpenRouter could not be reached", advice: "Check the network and the base URL." },
  body: {
    what: "The connection broke before the answer was complete",
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

const statuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * Whether a response is a redirect. Browsers hide those behind the status 0.
 *
 * @internal
 */
export const isRedirect = (status: number): boolean => status === 0 || statuses.has(status)

/**
 * Whether a request failed because `fetch` was told to make a failure of redirects.
 *
 * @internal
 */
export const isRefusedRedirect = (error: RequestError | ResponseError): boolean =>
  error.request.body._tag === "Stream" && /redirect/i.test(innermost(error.cause).message ?? "")

/**
 * The failure that a redirect is. It tells where to without what a path or query may hold.
 *
 * @internal
 */
export const redirected = (
  name: string,
  response: { readonly status: number; readonly location?: string | undefined; readonly from: string }
): OpenRouterDefaultError => {
  const origin = originOf(response.location, response.from)
  return new OpenRouterDefaultError({
    status: response.status,
    message: `${name}: the server answered with a redirect ${
      origin === undefined ? "without saying where to" : `to ${origin}`
    }. None is followed, as the request and the key would go along. Check the base URL.`
  })
}

const originOf = (location: string | undefined, from: string): string | undefined => {
  if (location === undefined || !URL.canParse(location, from)) return undefined
  const { origin } = new URL(location, from)
  return origin === "null" ? undefined : origin
}
