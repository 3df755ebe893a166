import { arrayAt, isObject, type JsonObject, objectAt, stringAt } from "../../internal/json.js"
import type { Row } from "../row.js"

const openRouterKey = /sk-or-[\w-]{6,}/g

const accountId = /("user_id"\s*:\s*")(?:user|org)_[^"]*/g

const isSecret = (name: string): boolean => /auth|cookie|key|secret|token/.test(name)

/**
 * Servers and runtimes echo what they were sent. Every text that goes into an error passes through here, so that no
 * key of the request's headers, no secret of its body, no new key and no account ends up in a log.
 *
 * @internal
 */
export const scrub = (
  text: string,
  headers: Readonly<Record<string, string>>,
  secrets: ReadonlyArray<string> = []
): string =>
  Object.keys(headers)
    .filter(isSecret)
    .map((name) => withoutScheme(headers[name] ?? ""))
    .concat(secrets)
    .flatMap(spellings)
    .reduce((rest, secret) => rest.replaceAll(secret, "<redacted>"), text)
    .replace(openRouterKey, "<redacted>")
    .replace(accountId, "$1<redacted>")

/** Fields of bodies that hold a secret, where the body is no prompt. */
const secretFields: ReadonlySet<string> = new Set(["code", "code_verifier", "key", "subject_token", "value"])

/** How other services call secrets, in settings that are passed on to them. */
const secretName = /auth|cookie|credential|dsn|headers|key|pass(word|phrase)|secret|token/i

const openName = /(hash(es)?|ids?|names?|type)$/i

/**
 * The secrets among the fields of a call, the longest first as one may hold another. Of prompts, only what tools are
 * given for other servers is looked at.
 *
 * @internal
 */
export const secretsOf = (row: Row, fields: JsonObject): ReadonlyArray<string> => {
  const found = row.body === "none"
    ? []
    : row.operation !== undefined
    ? arrayAt(fields, "tools").flatMap((tool) => [stringAt(tool, "authorization"), objectAt(tool, "headers")])
      .flatMap((value) => secretsIn(value, true))
    : Object.entries(fields).flatMap(([name, value]) =>
      typeof value === "string" ? secretsIn(value, secretFields.has(name)) : secretsIn(value, isSecretName(name))
    )
  return found.flatMap((value) => [value, withoutScheme(value)]).filter((value) => value.length >= 8)
    .sort((a, b) => b.length - a.length)
}

const isSecretName = (name: string): boolean => secretName.test(name) && !openName.test(name)

/** All texts within a value, or those whose name says that they are secret. Only JSON is looked into. */
const secretsIn = (value: unknown, secret: boolean, depth = 0): ReadonlyArray<string> => {
  if (typeof value === "string") return secret ? [value] : []
  if (depth > 8) return []
  if (Array.isArray(value)) return value.flatMap((item) => secretsIn(item, secret, depth + 1))
  return isPlain(value)
    ? Object.entries(value).flatMap(([name, inner]) => secretsIn(inner, secret || isSecretName(name), depth + 1))
    : []
}

const isPlain = (value: unknown): value is JsonObject => isObject(value) && value.constructor === Object

const withoutScheme = (value: string): string => value.trim().split(" ").at(-1) ?? ""

/** A secret as JSON within JSON, as JSON and as it is, in this order as each holds the next; none too short to tell. */
const spellings = (secret: string): ReadonlyArray<string> => {
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
