import type { NoReplyReason } from "./noReply.js"

/**
 * The turns whose request is never sent.
 *
 * @internal
 */
export const unsent = ["unreachable", "unresolved", "connectTimeout"] as const satisfies ReadonlyArray<NoReplyReason>

/** @internal */
export const isUnsent = (how: NoReplyReason): boolean => unsent.some((reason) => reason === how)

/**
 * The error that the sockets of Node report; undefined if nothing ever comes.
 *
 * @internal
 */
export const socketError = (how: NoReplyReason): Error | undefined => {
  switch (how) {
    case "unreachable":
      return failed("ECONNREFUSED", "connect", "connect ECONNREFUSED 127.0.0.1:443")
    case "unresolved":
      return failed("ENOTFOUND", "getaddrinfo", "getaddrinfo ENOTFOUND openrouter.invalid")
    case "connectTimeout":
      return failed("UND_ERR_CONNECT_TIMEOUT", undefined, "Connect Timeout Error")
    case "resetBeforeRequest":
    case "resetAfterRequest":
      return connectionReset()
    case "closeAfterRequest":
      return failed("UND_ERR_SOCKET", undefined, "other side closed")
    case "silent":
    case "stallInHeaders":
      return undefined
  }
}

/** @internal */
export const connectionReset = (): Error => failed("ECONNRESET", "read", "read ECONNRESET")

const failed = (code: string, syscall: string | undefined, message: string): Error =>
  Object.assign(new Error(message), syscall === undefined ? { code } : { code, syscall })
