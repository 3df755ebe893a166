import type { HttpClientError } from "@effect/platform/HttpClientError"
import { ConnectionError } from "../OpenRouterError.js"
import { excerpt, isObject, stringAt } from "./json.js"

/**
 * What the runtime says of a broken connection, as our own error.
 *
 * @internal
 */
export const connectionError =
  (phase: ConnectionError["phase"], conceal: (text: string) => string) => (error: HttpClientError): ConnectionError => {
    const reason = innermost(error.cause)
    const words = [reason.code, reason.message ?? error.description].filter((text) => text !== undefined)
    const why = excerpt(conceal(words.join(": ")), 200)
    const what = phase === "connect"
      ? "OpenRouter could not be reached"
      : "The connection broke before the answer was complete"
    return new ConnectionError({
      phase,
      code: reason.code,
      message: why === "" ? `${what}.` : `${what} (${why}).`
    })
  }

const innermost = (cause: unknown): { readonly code?: string | undefined; readonly message?: string | undefined } => {
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
