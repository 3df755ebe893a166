import { ConnectionError } from "../OpenRouterError.js"
import { excerpt, isObject, stringAt } from "./json.js"

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
