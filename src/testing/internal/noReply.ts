/**
 * Turns without a response. Public through `Script`.
 *
 * @since 0.1.0
 */
import { type TransportOptions, TypeId } from "./transport.js"

/**
 * No response, because the connection is not made, breaks, or stays open without one.
 *
 * @since 0.1.0
 * @category models
 */
export interface NoReply extends TransportOptions {
  readonly [TypeId]: TypeId
  readonly _tag: "NoReply"
  readonly how: NoReplyReason
}

/**
 * Why there is no response: the name of the turn in this module.
 *
 * @since 0.1.0
 * @category models
 */
export type NoReplyReason =
  | "unreachable"
  | "unresolved"
  | "connectTimeout"
  | "resetBeforeRequest"
  | "resetAfterRequest"
  | "closeAfterRequest"
  | "silent"
  | "stallInHeaders"

const noReply = (how: NoReplyReason): NoReply => ({ [TypeId]: TypeId, _tag: "NoReply", how })

/**
 * The connection is refused, so the request is not sent (`ECONNREFUSED`, phase `connect`). Of `ScriptedServer`, the
 * client of `layerClient` gets this; a server can only reset the connection of any other client.
 *
 * @since 0.1.0
 * @category turns
 */
export const unreachable: NoReply = noReply("unreachable")

/**
 * The name of the host is not found, so the request is not sent (`ENOTFOUND`, phase `connect`). `ScriptedServer` does
 * it as it does `unreachable`.
 *
 * @since 0.1.0
 * @category turns
 */
export const unresolved: NoReply = noReply("unresolved")

/**
 * The connection takes too long, so the request is not sent (`UND_ERR_CONNECT_TIMEOUT`, phase `connect`). It fails at
 * once; `delayed` adds the time. `ScriptedServer` does it as it does `unreachable`.
 *
 * @since 0.1.0
 * @category turns
 */
export const connectTimeout: NoReply = noReply("connectTimeout")

/**
 * The connection is reset before the request is received (`ECONNRESET`, phase `response`), so its record has no body.
 * The client cannot tell this from `resetAfterRequest`, and retries it as little.
 *
 * @since 0.1.0
 * @category turns
 */
export const resetBeforeRequest: NoReply = noReply("resetBeforeRequest")

/**
 * The connection is reset after the whole request was received, so it may have been charged (`ECONNRESET`,
 * phase `response`).
 *
 * @since 0.1.0
 * @category turns
 */
export const resetAfterRequest: NoReply = noReply("resetAfterRequest")

/**
 * The connection is closed without a response, after the whole request was received (`UND_ERR_SOCKET`, phase
 * `response`).
 *
 * @since 0.1.0
 * @category turns
 */
export const closeAfterRequest: NoReply = noReply("closeAfterRequest")

/**
 * The request is accepted, and nothing is sent back.
 *
 * @since 0.1.0
 * @category turns
 */
export const silent: NoReply = noReply("silent")

/**
 * The response stalls in the middle of its headers.
 *
 * @since 0.1.0
 * @category turns
 */
export const stallInHeaders: NoReply = noReply("stallInHeaders")
