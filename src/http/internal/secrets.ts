import { arrayAt, isObject, type JsonObject, objectAt, stringAt } from "../../internal/json.js"
import type { Row } from "../row.js"

const openRouterKey = /sk-or-[\w-]{6,}/g

const accountId = /("user_id"\s*:\s*")(?:user|org)_[^"]*/g

const isSecret = (name: string): boolean => /auth|cookie|key|secret|token/.test(name)

/**
 * Removes secrets from a text. Servers and runtimes repeat what they were sent, so every text of an error passes
 * through here: no key of the request's headers, no secret of its body, no new key and no account id ends up in a log.
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

/** Fields that hold a secret in bodies without a prompt. */
const secretFields: ReadonlySet<string> = new Set(["code", "code_verifier", "key", "subject_token", "value"])

/** Names of secrets of other services, in settings that OpenRouter passes on to them. */
const secretName = /auth|cookie|credential|dsn|headers|key|pass(word|phrase)|secret|token/i

const openName = /(hash(es)?|ids?|names?|type)$/i

/**
 * The secrets among the fields of a call. The longest comes first, because a secret may contain another one. Of an
 * inference request, only the authorization that tools have for other servers is searched.
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

/** The texts within a JSON value: all of them if it is secret, otherwise those whose names mean a secret. */
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

/** A secret as JSON within JSON, as JSON, and as it is. Each contains the next one, so the order matters. */
const spellings = (secret: string): ReadonlyArray<string> => {
  if (secret.length < 4) return []
  const json = quoted(secret)
  return [quoted(json), json.replaceAll("/", "\\/"), json, secret]
}

const quoted = (text: string): string => JSON.stringify(text).slice(1, -1)

/**
 * Whether a value can be sent in a header. A line break in a key must not reach the runtime, because its error message
 * would quote the key.
 *
 * @internal
 */
export const isHeaderValue = (value: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(value)

/**
 * Whether a header can have this name.
 *
 * @internal
 */
export const isHeaderName = (name: string): boolean => /^[\w!#$%&'*+\-.^`|~]+$/.test(name)
