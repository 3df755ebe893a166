import type { Row } from "../Row.js"

const openRouterKey = /sk-or-[\w-]{6,}/g

const accountId = /("user_id"\s*:\s*")(?:user|org)_[^"]*/g

const isSecret = (name: string): boolean => /auth|cookie|key|secret|token/.test(name)

/**
 * Servers and runtimes echo what they were sent. Every text that goes into an error passes through here, so that no
 * key of the request's headers, no new key and no account ends up in a log.
 *
 * @internal
 */
export const scrub = (text: string, headers: Readonly<Record<string, string>>): string =>
  Object.keys(headers)
    .filter(isSecret)
    .flatMap((name) => spellings(headers[name] ?? ""))
    .reduce((rest, secret) => rest.replaceAll(secret, "<redacted>"), text)
    .replace(openRouterKey, "<redacted>")
    .replace(accountId, "$1<redacted>")

/** Fields of bodies that hold a secret, where the body is no prompt. */
const secretFields = ["code", "code_verifier", "key", "subject_token", "value"]

/**
 * The secrets among the fields of a call, to be scrubbed like headers.
 *
 * @internal
 */
export const secretsOf = (
  row: Row,
  fields: { readonly [key: string]: unknown }
): Readonly<Record<string, string>> =>
  row.body === "none" || row.operation !== undefined ? {} : Object.fromEntries(
    secretFields.flatMap((name) => {
      const value = fields[name]
      return typeof value === "string" && value.length >= 8 ? [[`secret ${name}`, value]] : []
    })
  )

/**
 * A value without its scheme as JSON within JSON, as JSON and as it is, in this order as each holds the next; none that
 * is too short to tell.
 */
const spellings = (value: string): ReadonlyArray<string> => {
  const secret = value.trim().split(" ").at(-1) ?? ""
  if (secret.length < 4) return []
  const json = quoted(secret)
  return [quoted(json), json.replaceAll("/", "\\/"), json, secret]
}

const quoted = (text: string): string => JSON.stringify(text).slice(1, -1)

/**
 * Whether a value can travel in a header at all; a line break in a key must not reach the runtime, whose message would
 * quote it.
 *
 * @internal
 */
export const isHeaderValue = (value: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(value)

/**
 * Whether a header may be called that.
 *
 * @internal
 */
export const isHeaderName = (name: string): boolean => /^[\w!#$%&'*+\-.^`|~]+$/.test(name)
