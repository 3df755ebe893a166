/**
 * Signed approvals, for applications whose histories are in the hands of a client. Such a client could change the call
 * that was approved. A signature binds an approval to one call with its arguments: the server signs the calls that wait,
 * the client returns the tokens of those that it approves, and a run with the option `approvals` accepts nothing else.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { InvalidRequestError } from "../http/OpenRouterError.js"
import { makeToken, type Signing } from "./internal/approval.js"
import type { PendingCall } from "./internal/run.js"

export type { Signing } from "./internal/approval.js"

/**
 * Signs calls that wait for an approval. Returns a token for each call id; whoever has a token can approve its call, so
 * give it only to those who may decide. A token covers the scope, the id of the call, the name of the tool, the arguments
 * and its end, 1 hour from now by default. It can be used again until then: only a stored conversation knows that a call
 * was executed.
 *
 * Fails with `InvalidRequestError` if the key is too short, or if the runtime has no WebCrypto.
 *
 * @since 0.1.0
 * @category signing
 * @example
 * ```ts
 * import { Config, Effect } from "effect"
 * import { Agent, Approval } from "effect-openrouter"
 *
 * declare const history: Agent.Run["history"]
 * declare const token: string
 *
 * const program = Effect.gen(function*() {
 *   const approvals = { key: yield* Config.redacted("APPROVAL_KEY"), scope: "user-17" }
 *   const run = yield* Agent.run({ model: "openai/gpt-5-nano", input: history, approvals, approve: [token] })
 *   return { history: run.history, tokens: yield* Approval.sign(run.pending, approvals) }
 * })
 * ```
 */
export const sign = (
  calls: ReadonlyArray<PendingCall>,
  options: Signing & { readonly expiresIn?: Duration.DurationInput | undefined }
): Effect.Effect<Readonly<Record<string, string>>, InvalidRequestError> =>
  Effect.gen(function*() {
    const expiresAt = (yield* Clock.currentTimeMillis) + Duration.toMillis(options.expiresIn ?? "1 hour")
    const tokens = yield* Effect.forEach(
      calls.filter(({ reason }) => reason === "approval"),
      (call) => Effect.map(makeToken(options, call, expiresAt), (token) => [call.callId, token] as const)
    )
    return Object.fromEntries(tokens)
  })
