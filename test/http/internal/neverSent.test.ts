import { assert, describe, it } from "@effect/vitest"
import { neverSent } from "../../../src/http/internal/neverSent.js"
import { markUnsent } from "../../../src/internal/unsent.js"

const failure = (fields: object, message = "it broke") => Object.assign(new Error(message), fields)

const fetchFailed = (cause: unknown) => Object.assign(new TypeError("fetch failed"), { cause })

describe("neverSent", () => {
  it("is true for the codes of requests that never left", () => {
    const codes = [
      "ENOTFOUND",
      "EAI_AGAIN",
      "ECONNREFUSED",
      "EHOSTUNREACH",
      "ENETUNREACH",
      "UND_ERR_CONNECT_TIMEOUT",
      "CERT_HAS_EXPIRED",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "ERR_TLS_CERT_ALTNAME_INVALID",
      "ERR_SSL_WRONG_VERSION_NUMBER",
      "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE",
      "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION",
      "ERR_INVALID_URL"
    ]
    for (const code of codes) {
      assert.isTrue(neverSent(failure({ code })), code)
      assert.isTrue(neverSent(fetchFailed(failure({ code }))), code)
    }
  })

  it("is true for what the client for Node marked, whatever the code is", () => {
    const reset = failure({ code: "ECONNRESET" })
    assert.isFalse(neverSent(fetchFailed(reset)))
    markUnsent(reset)
    assert.isTrue(neverSent(fetchFailed(reset)))
    assert.deepStrictEqual(Object.keys(reset), ["code"])
    markUnsent(Object.freeze(failure({})))
    markUnsent("no error")
  })

  it("is false for every other code, and without one", () => {
    const codes = [
      "ECONNRESET",
      "EPIPE",
      "ETIMEDOUT",
      "ECONNABORTED",
      "EPROTO",
      "UND_ERR_SOCKET",
      "UND_ERR_HEADERS_TIMEOUT",
      "UND_ERR_BODY_TIMEOUT",
      "UND_ERR_ABORTED",
      "UND_ERR_DESTROYED",
      "HPE_INVALID_CONSTANT",
      "ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC",
      "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
      "ERR_STREAM_PREMATURE_CLOSE",
      "connect",
      "__proto__"
    ]
    for (const code of codes) assert.isFalse(neverSent(fetchFailed(failure({ code }))), code)
    for (
      const cause of [undefined, null, "ECONNREFUSED", 7, new TypeError("Failed to fetch"), fetchFailed(undefined)]
    ) {
      assert.isFalse(neverSent(cause))
    }
  })

  it("believes the system call more than the code", () => {
    assert.isTrue(neverSent(failure({ code: "ETIMEDOUT", syscall: "connect" })))
    assert.isTrue(neverSent(failure({ code: "ECONNRESET", syscall: "connect" })))
    assert.isTrue(neverSent(failure({ code: "EAI_FAIL", syscall: "getaddrinfo" })))
    assert.isFalse(neverSent(failure({ code: "ETIMEDOUT", syscall: "read" })))
    assert.isFalse(neverSent(failure({ code: "EHOSTUNREACH", syscall: "read" })))
    assert.isFalse(neverSent(failure({ code: "ENETUNREACH", syscall: "write" })))
  })

  it("needs the proof of each address that was tried", () => {
    const refused = failure({ code: "ECONNREFUSED", syscall: "connect" })
    const late = failure({ code: "ETIMEDOUT", syscall: "connect" })
    const reset = failure({ code: "ECONNRESET", syscall: "read" })
    const tried = (errors: Array<Error>) =>
      Object.assign(new AggregateError(errors, "every address failed"), { code: "ECONNREFUSED" })
    assert.isTrue(neverSent(fetchFailed(tried([refused, late]))))
    assert.isFalse(neverSent(fetchFailed(tried([refused, reset]))))
    assert.isTrue(neverSent(fetchFailed(tried([]))))
  })

  it("reads a cut handshake, a forbidden port and a refused tunnel from their words", () => {
    const cut = "Client network socket disconnected before secure TLS connection was established"
    assert.isTrue(neverSent(fetchFailed(failure({ code: "ECONNRESET" }, cut))))
    assert.isTrue(neverSent(fetchFailed(failure({}, "bad port"))))
    assert.isTrue(
      neverSent(failure({ code: "UND_ERR_ABORTED" }, "Proxy response (407) !== 200 when HTTP Tunneling"))
    )
  })

  it("ends for causes that contain themselves", () => {
    const loop: { cause?: unknown; errors?: Array<unknown> } = {}
    loop.cause = loop
    loop.errors = [loop]
    assert.isFalse(neverSent(loop))
  })
})
