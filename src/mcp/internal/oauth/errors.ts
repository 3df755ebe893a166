/** Failures of a login, without secrets. */
import { OAuthClientFlowError, OAuthError } from "@modelcontextprotocol/client"
import * as Schema from "effect/Schema"
import { excerpt, stringAt } from "../../../internal/json.js"
import { printableLine } from "../../../internal/printable.js"

/**
 * The login at the server `server` failed, or there is nobody who can log in. `reason` says why:
 *
 * - `needed`: the server asks for a login, and `oauth.login` is not set.
 * - `rejected`: the user or the authorization server said no.
 * - `state`: the redirect does not belong to this login, so it may be forged. Its code was not used.
 * - `store`: the store of the tokens failed.
 * - `failed`: anything else, such as an authorization server that cannot be reached.
 *
 * @since 0.1.0
 * @category errors
 */
export class McpLoginError extends Schema.TaggedError<McpLoginError>()("McpLoginError", {
  message: Schema.String,
  server: Schema.String,
  reason: Schema.Literal("needed", "rejected", "state", "store", "failed")
}) {}

type Reason = McpLoginError["reason"]

/** @internal */
export const loginError = (server: string, reason: Reason, message: string): McpLoginError =>
  new McpLoginError({ server, reason, message: `mcp: the server "${server}" asks for a login, and ${message}` })

/** @internal */
export const storeFailed = (server: string) => (cause: unknown): McpLoginError =>
  loginError(server, "store", `the store of its tokens failed (${wordsOf(cause)}). Check the store, and connect again.`)

/**
 * What a failure says. The texts of unknown errors stay out, because the error of a parser may have a piece of a token.
 *
 * @internal
 */
export const wordsOf = (cause: unknown): string => {
  if (cause instanceof OAuthError) return line(`${cause.code}: ${cause.message}`)
  if (!(cause instanceof Error)) return line(stringAt(cause, "message") ?? "unknown")
  const isSafe = cause instanceof OAuthClientFlowError || cause instanceof TypeError || cause.name === "Error" ||
    stringAt(cause, "_tag") !== undefined
  if (!isSafe) return `an unexpected response, ${line(cause.name)}`
  const code = stringAt(cause.cause, "code")
  return line(code === undefined ? cause.message : `${cause.message}: ${code}`)
}

const line = (text: string): string => excerpt(printableLine(text), 300)
