/** Whether the user has allowed a call before. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { CheckedCall } from "../../Middleware.js"
import { covers, digestOf } from "../conversation/grants.js"
import type { RunError } from "../errors.js"
import { refreshMessages } from "./messages.js"
import type { PreparedTool } from "./prepare.js"
import type { RunContext } from "./runContext.js"

/**
 * Whether a grant of the conversation covers a call that is about to execute. What cannot be checked is not allowed.
 *
 * @internal
 */
export const isGranted = (
  run: RunContext,
  { definition }: PreparedTool,
  call: CheckedCall
): Effect.Effect<boolean, RunError, unknown> =>
  Effect.gen(function*() {
    if (!run.messages.grants.some(({ tool }) => tool === call.name)) return false
    // It may have been revoked meanwhile
    yield* refreshMessages(run)
    const now = yield* Clock.currentTimeMillis
    const digest = yield* Effect.orElseSucceed(digestOf(definition), () => undefined)
    return digest !== undefined && run.messages.grants.some((grant) =>
      grant.tool === call.name && grant.parameters === digest && now < (grant.until ?? Infinity) &&
      covers(grant, call.params)
    )
  })
