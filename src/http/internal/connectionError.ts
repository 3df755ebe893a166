import * as Duration from "effect/Duration"
import { type HttpFailure, wasEncoded } from "../../internal/effect/httpFailures.js"
import { excerpt, isObject, stringAt } from "../../internal/json.js"
import { isRefusal } from "../../internal/unsent.js"
import { ConnectionError, OpenRouterDefaultError, RequestTimeoutError } from "../OpenRouterError.js"
import { isPaid, type Row } from "../row.js"
import { neverSent } from "./neverSent.js"

type Scrub = (text: string) => string

/** What the runtime reports of a broken connection. */
interface Report {
  readonly cause?: unknown
  readonly description?: string | undefined
}

/**
 * The error of a request to which no response came. Without a proof of the contrary, the request was sent.
 *
 * @internal
 */
export const sendError =
  (row: Row, scrub: Scrub, waited: () => Duration.Duration) =>
  (error: HttpFailure): ConnectionError | RequestTimeoutError => {
    const { code, why } = reasonOf(error, scrub)
    if (code === "UND_ERR_HEADERS_TIMEOUT") {
      const timeout = waited()
      return new RequestTimeoutError({ timeout, message: `${row.name}: ${fetchLimit(timeout)} ${sent(row)}` })
    }
    const isConnect = !wasEncoded(error) || neverSent(error.cause)
    return new ConnectionError({
      phase: isConnect ? "connect" : "response",
      code,
      message: isRefusal(error.cause)
        ? `${row.name}: the request was not sent${why}`
        : isConnect
        ? `${row.name}: OpenRouter could not be reached${why}. Check the network and the base URL.`
        : `${row.name}: the request was sent, but the connection broke before a response came${why}. ${sent(row)}`
    })
  }

/** What a request may have done that was sent and got no response. */
const sent = (row: Row): string =>
  isPaid(row)
    ? "The request may have been charged: look for it at https://openrouter.ai/activity." +
      (row.repeatable === false
        ? ""
        : " The option `retryPaid` retries such requests, and each retry may be charged again.")
    : row.method === "GET"
    ? "The request may be sent again."
    : "The request may have been carried out: check that before it is sent again."

/**
 * The error of a body that broke off.
 *
 * @internal
 */
export const bodyError = (row: Row, scrub: Scrub) => (error: Report): ConnectionError => {
  const { code, why } = reasonOf(error, scrub)
  return new ConnectionError({
    phase: "body",
    code,
    message: `${row.name}: the connection broke before the response was complete${why}. ${
      isPaid(row)
        ? "What had arrived is in the error; sending the request again may be charged again."
        : "What had arrived is in the error."
    }`
  })
}

/**
 * Whether `fetch` ended a body because of its own limit on silence.
 *
 * @internal
 */
export const isBodyTimeout = (error: ConnectionError): boolean => error.code === "UND_ERR_BODY_TIMEOUT"

/**
 * What to say of a limit that `fetch` has beside the options of this library.
 *
 * @internal
 */
export const fetchLimit = (waited: Duration.Duration): string =>
  `\`fetch\` gave up after ${
    Duration.format(waited)
  } of silence, by a limit of its own that no option of this client ` +
  "lifts. Use the HTTP client of effect-openrouter/node, which has no such limit, or stream the response."

const reasonOf = (error: Report, scrub: Scrub) => {
  const { code, message } = innermost(error.cause)
  const parts = [code, message ?? error.description].filter((text) => text !== undefined)
  const why = excerpt(scrub(parts.join(": ")), 200)
  return { code: code && scrub(code), why: why === "" ? "" : ` (${why})` }
}

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
