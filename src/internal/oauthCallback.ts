import { isEqualSecret } from "./crypto.js"
import { excerpt } from "./json.js"
import { printableLine } from "./printable.js"

/**
 * The content of a login's callback.
 *
 * @internal
 */
export type Callback =
  | { readonly _tag: "Code"; readonly code: string }
  | { readonly _tag: "Rejected"; readonly error: string; readonly description: string | undefined }
  | { readonly _tag: "CodeMissing" }
  | { readonly _tag: "StateMismatch" }

/**
 * Reads the URL to which the browser was redirected, or its query. The callback must carry `state`; when there is no
 * state, a bare code is accepted as well. A rejection needs no state unless `strict`: a forged one can only end the
 * login, and any page can request the address of a loopback server.
 *
 * @internal
 */
export const readCallback = (
  callback: string | URL | URLSearchParams,
  state: string | undefined,
  { strict = false }: { readonly strict?: boolean } = {}
): Callback => {
  const query = queryOf(callback)
  const states = query.getAll("state")
  const error = words(query.get("error"))
  if (state !== undefined) {
    const carried = states.length > 0 && states.every((value) => isEqualSecret(value, state))
    if (!carried && (strict || error === "" || states.length > 0)) return { _tag: "StateMismatch" }
  }
  if (error !== "") {
    const description = words(query.get("error_description"))
    return { _tag: "Rejected", error, description: description === "" ? undefined : description }
  }
  const code = query.get("code") ?? (state === undefined ? bareCode(callback) : "")
  return code === "" ? { _tag: "CodeMissing" } : { _tag: "Code", code }
}

/** What the caller may print, though anybody can have written it. */
const words = (text: string | null): string => excerpt(printableLine(text ?? ""), 500)

const queryOf = (callback: string | URL | URLSearchParams): URLSearchParams => {
  if (callback instanceof URLSearchParams) return callback
  if (callback instanceof URL) return callback.searchParams
  const text = callback.trim().replace(/#[^?]*$/, "")
  const start = text.indexOf("?") + 1
  return new URLSearchParams(start > 0 || /^(code|state|error)=/.test(text) ? text.slice(start) : "")
}

/** A code as a person pastes it: not a URL, a query or a sentence. */
const bareCode = (callback: string | URL | URLSearchParams): string => {
  const text = typeof callback === "string" ? callback.trim() : ""
  return /\s|\?|:\/\/|^(code|state|error)=/.test(text) ? "" : text
}
