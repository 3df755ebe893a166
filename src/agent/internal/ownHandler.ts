/** Handlers that are a part of their tool. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { HandlerService, ToolCall } from "./tool.js"
import { fromUser } from "./userCode.js"

/**
 * A handler that no layer provides. It uses the services of the run, and those of its call.
 *
 * @internal
 */
export const ownHandler = (
  handle: (params: unknown, call: ToolCall<unknown>) => Effect.Effect<unknown, unknown, unknown>
): HandlerService => ({
  handle: (params, call, given) =>
    Effect.mapInputContext(
      fromUser(Effect.suspend(() => handle(params, call))),
      (context: Context.Context<unknown>) => Context.merge(context, given)
    )
})
