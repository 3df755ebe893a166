import type { RequestError, ResponseError } from "@effect/platform/HttpClientError"
import { OpenRouterDefaultError } from "../OpenRouterError.js"
import { innermost } from "./connection.js"

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
