/**
 * The tokens of signed approvals.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { InvalidRequestError } from "../../http/OpenRouterError.js"
import { canonicalJson } from "../../internal/canonicalJson.js"
import { hmacSha256, isEqualSecret } from "../../internal/crypto.js"
import { decodeBase64UrlText, encodeBase64Url } from "../../internal/effect/base64.js"
import { parseJson } from "../../internal/json.js"
import type { PendingCall } from "./run.js"

/**
 * How approvals are signed. `key` is a secret of the server of at least 32 characters. `scope` is where an approval holds:
 * for example, the id of the user or of the chat. An approval of another scope is refused.
 *
 * @since 0.1.0
 * @category models
 */
export interface Signing {
  readonly key: Redacted.Redacted
  readonly scope: string
}

const version = 1

/** What a token says of itself. All else comes from the call, so that nobody can say it otherwise. */
interface Claims {
  readonly callId: string
  readonly expiresAt: number
}

const refused = (parameter: string, problem: string): InvalidRequestError =>
  new InvalidRequestError({
    parameter,
    message: `agent: nothing was sent, because \`${parameter}\` is invalid: ${problem}`
  })

/** A JSON array separates its parts without doubt, whatever they contain. */
const signatureOf = (
  { key, scope }: Signing,
  { arguments: parameters, callId, name }: PendingCall,
  expiresAt: number
): Effect.Effect<string, InvalidRequestError> =>
  Effect.gen(function*() {
    const secret = Redacted.value(key)
    if (secret.length < 32) {
      return yield* refused("approvals", "its key is too short; use a random secret of at least 32 characters")
    }
    const signed = JSON.stringify([version, scope, callId, name, canonicalJson(parameters) ?? null, expiresAt])
    const signature = yield* hmacSha256(secret, signed)
    return signature ??
      (yield* refused("approvals", "this runtime has no WebCrypto. Serve the page over https, or from localhost"))
  })

/** @internal */
export const makeToken = (
  signing: Signing,
  call: PendingCall,
  expiresAt: number
): Effect.Effect<string, InvalidRequestError> =>
  Effect.map(
    signatureOf(signing, call, expiresAt),
    (signature) => `${encodeBase64Url(JSON.stringify([call.callId, expiresAt]))}.${signature}`
  )

const claimsOf = (head: string): Claims | undefined => {
  const text = decodeBase64UrlText(head)
  const claims = text === undefined ? undefined : parseJson(text)?.value
  if (!Array.isArray(claims) || claims.length !== 2) return undefined
  const [callId, expiresAt]: ReadonlyArray<unknown> = claims
  return typeof callId === "string" && typeof expiresAt === "number" ? { callId, expiresAt } : undefined
}

/**
 * The id of the call that a token approves. Fails unless the token was signed for exactly the pending call of that id. The
 * id of a call that is not pending is returned as it is, because such an approval has no effect.
 *
 * @internal
 */
export const checkToken = (
  signing: Signing,
  pending: ReadonlyArray<PendingCall>,
  token: string
): Effect.Effect<string, InvalidRequestError> =>
  Effect.gen(function*() {
    const [head = "", signature = ""] = token.split(".")
    const claims = claimsOf(head)
    if (claims === undefined) {
      return yield* refused(
        "approve",
        "it has a text that is no signed approval; this run accepts only tokens of Approval.sign"
      )
    }
    const { callId, expiresAt } = claims
    const call = pending.find((call) => call.callId === callId)
    if (call === undefined) return callId
    if (!isEqualSecret(signature, yield* signatureOf(signing, call, expiresAt))) {
      return yield* refused(
        "approve",
        `the approval of the call "${callId}" was not signed for this call. The history was changed after the approval, or ` +
          "the key or the scope is another one. Ask for the approval again"
      )
    }
    if (expiresAt <= (yield* Clock.currentTimeMillis)) {
      return yield* refused("approve", `the approval of the call "${callId}" has expired. Ask for it again`)
    }
    return callId
  })
