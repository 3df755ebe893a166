import { decodeBase64Text } from "../../internal/effect/base64.js"
import { arrayAt, type JsonObject, objectAt, stringAt } from "../../internal/json.js"
import type { Row } from "../row.js"
import { isPlain } from "./scrub.js"

/** Names of headers and fields that hold a secret of ours, or of a service that OpenRouter passes it on to. */
const secretName = /auth|cookie|credential|dsn|headers|key|pass(word|phrase)|secret|token/i

const openName = /(hash(es)?|ids?|names?|type)$/i

const isSecretName = (name: string): boolean => secretName.test(name) && !openName.test(name)

/** Fields that hold a secret in bodies without a prompt. */
const secretFields: ReadonlySet<string> = new Set(["code", "code_verifier", "key", "subject_token", "value"])

/**
 * The secrets among the headers of a request: whole values, and each credential in them.
 *
 * @internal
 */
export const secretsOfHeaders = (headers: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  Object.entries(headers).flatMap(([name, value]) =>
    secretName.test(name) ? [value.trim(), ...credentialsIn(value)] : credentialsOfUrl(value)
  ).filter((secret) => secret.length >= 4)

/**
 * The secrets among the fields of a call. Of an inference request, only the authorization that tools have for other
 * servers is a secret, and the credentials in URLs.
 *
 * @internal
 */
export const secretsOf = (row: Row, fields: JsonObject): ReadonlyArray<string> => {
  if (row.body === "none") return []
  if (row.operation !== undefined) {
    const ofTools = arrayAt(fields, "tools").map((tool) => [stringAt(tool, "authorization"), objectAt(tool, "headers")])
    return [...secretsIn(ofTools, true), ...secretsIn(fields, false, () => false)]
  }
  return Object.entries(fields).flatMap(([name, value]) =>
    secretsIn(value, typeof value === "string" ? secretFields.has(name) : isSecretName(name))
  )
}

/** The texts within a value: all of them if it is secret, else those whose names mean one, and credentials in URLs. */
const secretsIn = (value: unknown, secret: boolean, isSecret = isSecretName, depth = 0): ReadonlyArray<string> => {
  if (typeof value === "string") {
    return secret ? [value, ...credentialsIn(value)].filter((one) => one.length >= 8) : credentialsOfUrl(value)
  }
  if (depth > 8) return []
  if (Array.isArray(value)) return value.flatMap((item) => secretsIn(item, secret, isSecret, depth + 1))
  return isPlain(value)
    ? Object.entries(value).flatMap(([name, inner]) => secretsIn(inner, secret || isSecret(name), isSecret, depth + 1))
    : []
}

/** A shorter part of a secret may be a common word, which would be removed wherever it occurs. */
const minPartLength = 6

const isLong = (part: string): boolean => part.length >= minPartLength

/** The parts of a secret that are secrets, too: without its scheme, the values of cookies, a decoded password. */
const credentialsIn = (value: string): ReadonlyArray<string> => {
  const [scheme = "", ...rest] = value.trim().split(/[\t ]+/)
  const decoded = /^basic$/i.test(scheme) ? decodeBase64Text(rest.join("")) ?? "" : ""
  return [
    ...rest.slice(-1),
    rest.join(" "),
    ...Array.from(value.matchAll(/=\s*"?([^\s=;,"]+)/g), (match) => match[1] ?? "").filter(isLong),
    ...passwordsIn(decoded),
    ...credentialsOfUrl(value)
  ]
}

/** `user:password`, and the password alone. A service with one token takes it as the user. */
const passwordsIn = (pair: string): ReadonlyArray<string> => {
  const at = pair.indexOf(":")
  const user = at < 0 ? pair : pair.slice(0, at)
  const password = at < 0 ? "" : pair.slice(at + 1)
  return [pair, password === "" ? user : password].filter(isLong)
}

/** What stands before the host of a URL, and the parameters whose names mean a secret. */
const credentialsOfUrl = (value: string): ReadonlyArray<string> => {
  const url = /^\s*[a-z][a-z\d+.-]{0,30}:\/\/(?:([^/?#\s]*)@)?[^?#]*(?:\?([^#]*))?/i.exec(value)
  if (url === null) return []
  const [, credentials = "", query = ""] = url
  const parameters = Array.from(new URLSearchParams(query)).filter(([name]) => isSecretName(name))
  return [...passwordsIn(credentials), ...parameters.map(([, secret]) => secret).filter(isLong)]
}

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
