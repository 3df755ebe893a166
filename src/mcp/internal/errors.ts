/** The failures of a server and of the connection to it. */
import * as Schema from "effect/Schema"
import { excerpt, stringAt } from "../../internal/json.js"

/**
 * The server `server` cannot be reached, or refused a request. `reason` has its words.
 *
 * @since 0.1.0
 * @category errors
 */
export class McpError extends Schema.TaggedError<McpError>()("McpError", {
  message: Schema.String,
  server: Schema.String,
  reason: Schema.String
}) {}

/** @internal */
export const failedTo =
  (server: string, what: string, scrub: (text: string) => string = (text) => text) => (cause: unknown): McpError => {
    const words = stringAt(cause, "message") ?? (cause instanceof Error ? cause.message : "unknown")
    const reason = excerpt(scrub(words), 500)
    return new McpError({
      server,
      reason,
      message:
        `mcp: the server "${server}" could not ${what} (${reason}). Check that it runs, and its address or command.`
    })
  }
