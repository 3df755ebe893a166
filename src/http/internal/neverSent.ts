import { arrayAt, isObject, stringAt } from "../../internal/json.js"
import { isUnsent } from "../../internal/unsent.js"

/**
 * Whether the runtime's report of a failure proves that nothing of the request was sent. The report is a chain of
 * causes; where several addresses were tried, each of them must have failed like that. Our client for Node marks every
 * failure to connect. Browsers, Workers, Deno and Bun report no code, so there nothing is proved.
 *
 * @internal
 */
export const neverSent = (cause: unknown): boolean =>
  isUnsent(cause) || linksOf(cause).some((link) => {
    const errors = arrayAt(link, "errors")
    return errors.length === 0 ? isProof(link) : errors.every((error) => linksOf(error).some(isProof))
  })

const maxLinks = 8

const linksOf = (cause: unknown): ReadonlyArray<unknown> => {
  const links: Array<unknown> = []
  for (let link = cause; isObject(link) && links.length < maxLinks; link = link["cause"]) links.push(link)
  return links
}

const isProof = (error: unknown): boolean => {
  const code = stringAt(error, "code") ?? ""
  const syscall = stringAt(error, "syscall")
  // The same code may tell of an open connection: then the system call is another one
  if (syscall !== undefined) return connectingCalls.has(syscall)
  return codes.has(code) || certificate.test(code) || handshake.test(code) ||
    text.test(stringAt(error, "message") ?? "")
}

const connectingCalls: ReadonlySet<string> = new Set(["connect", "getaddrinfo", "queryA", "queryAaaa"])

const codes: ReadonlySet<string> = new Set([
  "ENOTFOUND",
  "EAI_AGAIN",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "ERR_INVALID_URL"
])

/** The certificate of the server was rejected. */
const certificate =
  /^(CERT_|CRL_|ERR_TLS_CERT_|UNABLE_TO_(GET|VERIFY|DECRYPT|DECODE)_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|INVALID_(CA|PURPOSE)$|HOSTNAME_MISMATCH$|PATH_LENGTH_EXCEEDED$)/

/** The two sides found no common protocol, so no request followed. */
const handshake =
  /^ERR_(TLS_HANDSHAKE_TIMEOUT$|SSL_(WRONG_VERSION_NUMBER|\w*HANDSHAKE_FAILURE|\w*PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE|NO_CIPHERS_AVAILABLE|\w*UNRECOGNIZED_NAME|HTTP_REQUEST|UNKNOWN_PROTOCOL)$)/

/** What Node says without a code of its own: the handshake was cut, `fetch` allows no such port, no tunnel was made. */
const text = /disconnected before secure TLS connection|^bad port$|^Proxy response \(\d+\) !== 200/
