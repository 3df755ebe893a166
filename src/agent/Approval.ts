/**
 * Approvals that hold for later calls: stored, and revocable. And signed approvals, for applications whose histories are in the hands of a client. Such a client could change the call
 * that was approved. A signature binds an approval to one call with its arguments: the server signs the calls that wait,
 * the client returns the tokens of those that it approves, and a run with the option `approvals` accepts nothing else.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { InvalidRequestError } from "../http/OpenRouterError.js"
import { randomText } from "../internal/crypto.js"
import type { JsonSchemaError } from "../schema/jsonSchema.js"
import { makeToken, type Signing } from "./internal/approval.js"
import { appended } from "./internal/conversation/appended.js"
import type { Log } from "./internal/conversation/entry.js"
import type { ConversationError } from "./internal/conversation/errors.js"
import { conditionsOf, digestOf, type Grant, type GrantOptions, Grants } from "./internal/conversation/grants.js"
import type { Conversation } from "./internal/conversation/service.js"
import type { PendingCall } from "./internal/run.js"
import { TypeId } from "./internal/tool.js"
import type * as Tool from "./Tool.js"

export type { Signing } from "./internal/approval.js"
export type { Condition, Grant, GrantOptions, Where } from "./internal/conversation/grants.js"

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

/**
 * Allows calls of a tool in a conversation, once for all: those whose decoded parameters meet `where` need no further
 * approval. A run checks it when such a call is about to execute. It holds for this conversation and this tool alone: not for
 * forks, not inside of other tools, and not any more when the parameters of the tool have changed. A `reject`, or a middleware
 * that denies, is stronger.
 *
 * Fails with `JsonSchemaError` if the tool cannot be sent, and with `InvalidRequestError` if the runtime has no WebCrypto.
 *
 * @since 0.1.0
 * @category granting
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Approval, Tool } from "effect-openrouter"
 *
 * const Delete = Tool.make("delete_file", { parameters: Schema.Struct({ path: Schema.String }), requireApproval: true })
 *
 * const program = Effect.gen(function*() {
 *   const { id } = yield* Approval.allow("user-17", Delete, {
 *     where: { path: { startsWith: "drafts/" } },
 *     expiresIn: "8 hours"
 *   })
 *   yield* Approval.revoke("user-17", id)
 * })
 * ```
 */
export const allow = <T extends Tool.Tool<string, Tool.Types & { readonly kind: "handled" | "provided" }>>(
  conversation: string,
  tool: T,
  options: GrantOptions<Tool.TypesOf<T>["params"]> = {}
): Effect.Effect<Grant, ConversationError | InvalidRequestError | JsonSchemaError, Conversation> =>
  Effect.gen(function*() {
    const { definition } = tool[TypeId]
    const parameters = definition.kind === "server" ? undefined : yield* digestOf(definition)
    if (parameters === undefined) {
      return yield* new InvalidRequestError({
        parameter: "tool",
        message:
          `approval: nothing was allowed, because the parameters of the tool "${tool.name}" have no digest. It requires ` +
          "WebCrypto, which browsers offer over https only."
      })
    }
    const until = options.expiresIn === undefined
      ? {}
      : { until: (yield* Clock.currentTimeMillis) + Duration.toMillis(options.expiresIn) }
    const where = options.where === undefined ? {} : { where: conditionsOf(options.where) }
    const grant: Grant = { id: yield* randomText(12), tool: tool.name, ...where, ...until }
    yield* appended(conversation, { _tag: "allowed", ...grant, parameters })
    return grant
  })

/**
 * Revokes a grant. Calls of the tool need an approval again, also in a run that goes on.
 *
 * @since 0.1.0
 * @category granting
 */
export const revoke = (conversation: string, id: string): Effect.Effect<void, ConversationError, Conversation> =>
  appended(conversation, { _tag: "revoked", id })

/**
 * The grants of a conversation that were not revoked, also those whose time is over.
 *
 * @since 0.1.0
 * @category granting
 */
export const allowed = (log: Log): ReadonlyArray<Grant> =>
  new Grants(log.entries).all.map(({ _tag, parameters: _digest, ...grant }) => grant)
