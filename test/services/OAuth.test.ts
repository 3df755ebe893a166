import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { createHash } from "node:crypto"
import { inspect } from "node:util"
import { vi } from "vitest"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import { ForbiddenResponseError } from "../../src/http/OpenRouterError.js"
import { readCallback } from "../../src/internal/oauthCallback.js"
import * as OAuth from "../../src/services/OAuth.js"
import * as MockHttpClient from "../../src/testing/MockHttpClient.js"
import { variables } from "../support/effect/variables.js"

const key = "sk-or-v1-0e6f44a47a05f1dad2ad7e88c4c1d6b7"
const callbackUrl = "https://example.com/callback"
const rfc = {
  verifier: Redacted.make("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
  challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("base64url")
const queryOf = (url: string) => Object.fromEntries(new URL(url).searchParams)

/** The login page's answer: the browser goes to the callback with these parameters, and a code names its challenge. */
const back = (login: OAuth.PendingLogin, parameters?: Record<string, string>) => {
  const { callback_url = "", code_challenge } = queryOf(login.url)
  const url = new URL(callback_url)
  for (const [name, value] of Object.entries(parameters ?? { code: `code-for-${code_challenge}` })) {
    url.searchParams.set(name, value)
  }
  return url
}

/** Gives the key to the one who knows what the challenge was made of. */
const exchange = MockHttpClient.on(
  OAuth.exchangeAuthCodeForAPIKey,
  ({ code, code_challenge_method, code_verifier = "" }) =>
    code_challenge_method === "S256" && code === `code-for-${sha256(code_verifier)}`
      ? { key, user_id: "user_1" }
      : Effect.fail(new ForbiddenResponseError({ status: 403, message: "Invalid code or code_verifier" }))
)

const OpenRouter = MockHttpClient.layerClient([exchange])

describe("codeChallenge", () => {
  it.effect("62: returns the challenge of RFC 7636, appendix B", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* OAuth.codeChallenge(rfc.verifier), rfc.challenge)
    }))

  const unreserved = FastCheck.constantFrom(..."ABCXYZabcxyz0189-._~")

  it.effect.prop(
    "is the SHA-256 of any verifier",
    [FastCheck.string({ unit: unreserved, minLength: 43, maxLength: 128 })],
    ([verifier]) =>
      Effect.gen(function*() {
        assert.strictEqual(yield* OAuth.codeChallenge(Redacted.make(verifier)), sha256(verifier))
      })
  )

  it.effect.prop(
    "rejects a malformed verifier, and does not repeat it",
    [FastCheck.oneof(
      FastCheck.string({ unit: unreserved, minLength: 5, maxLength: 42 }),
      FastCheck.string({ unit: unreserved, minLength: 129, maxLength: 200 }),
      FastCheck.string({ unit: FastCheck.constantFrom(..."+/= é\n"), minLength: 43, maxLength: 128 })
    )],
    ([text]) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(OAuth.codeChallenge(Redacted.make(text)))
        assert.strictEqual(error._tag, "InvalidRequestError")
        assert.notInclude(error.message, text)
      })
  )

  it.effect("accepts verifiers of 43 to 128 characters", () =>
    Effect.gen(function*() {
      const challengeOf = (length: number) => Effect.option(OAuth.codeChallenge(Redacted.make("~".repeat(length))))
      const taken = yield* Effect.forEach([42, 43, 128, 129], challengeOf)
      assert.deepStrictEqual(taken.map(Option.isSome), [false, true, true, false])
    }))

  it.effect("fails with advice when the page has no WebCrypto", () =>
    Effect.gen(function*() {
      vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) })
      const error = yield* Effect.flip(OAuth.start({ callbackUrl }))
      assert.strictEqual(error._tag, "InsecureContextError")
      assert.include(error.message, "https")
    }).pipe(Effect.ensuring(Effect.sync(() => vi.unstubAllGlobals()))))
})

describe("codeVerifier", () => {
  it.effect("is 43 unreserved characters, new each time, and not printed", () =>
    Effect.gen(function*() {
      const verifiers = yield* Effect.replicateEffect(OAuth.codeVerifier, 500)
      for (const verifier of verifiers) {
        assert.match(Redacted.value(verifier), /^[A-Za-z0-9_-]{43}$/)
        assert.notInclude(inspect(verifier) + JSON.stringify(verifier), Redacted.value(verifier))
      }
      assert.strictEqual(new Set(verifiers.map(Redacted.value)).size, 500)
    }))

  it.effect("uses every character of base64url", () =>
    Effect.gen(function*() {
      const text = (yield* Effect.replicateEffect(OAuth.codeVerifier, 500)).map(Redacted.value).join("")
      assert.strictEqual(new Set(text).size, 64)
    }))
})

describe("authorizationUrl", () => {
  it.effect("contains every option, and the state of the login within the callback URL", () =>
    Effect.gen(function*() {
      const url = yield* OAuth.authorizationUrl({
        callbackUrl: "https://example.com/callback?tab=2",
        codeChallenge: rfc.challenge,
        state: "s1",
        keyLabel: "My app & yours",
        limit: 2.5,
        workspaceId: "w1",
        requiredWorkspaceId: "w2"
      })
      assert.isTrue(url.startsWith("https://openrouter.ai/auth?"))
      assert.deepStrictEqual(queryOf(url), {
        callback_url: "https://example.com/callback?tab=2&state=s1",
        code_challenge: rfc.challenge,
        code_challenge_method: "S256",
        state: "s1",
        key_label: "My app & yours",
        limit: "2.5",
        workspace_id: "w1",
        required_workspace_id: "w2"
      })
    }))

  it.effect("contains only the required parameters by default", () =>
    Effect.gen(function*() {
      const plain = yield* OAuth.authorizationUrl({ codeChallenge: "c", codeChallengeMethod: "plain" })
      assert.deepStrictEqual(queryOf(plain), { code_challenge: "c", code_challenge_method: "plain" })
      const bare = yield* OAuth.authorizationUrl({ callbackUrl: new URL(callbackUrl), codeChallengeMethod: "S256" })
      assert.deepStrictEqual(queryOf(bare), { callback_url: callbackUrl })
      const elsewhere = yield* OAuth.authorizationUrl({ callbackUrl, authUrl: "http://127.0.0.1:1/auth?theme=dark" })
      assert.deepStrictEqual(queryOf(elsewhere), { theme: "dark", callback_url: callbackUrl })
    }))

  it.effect("accepts callbacks on this machine and with the scheme of an app", () =>
    Effect.gen(function*() {
      for (
        const own of ["http://localhost:3000/", "http://127.0.0.1:51423/cb", "my-app://login", "vscode://me.ext/x"]
      ) {
        const url = yield* OAuth.authorizationUrl({ callbackUrl: own, state: "s1" })
        assert.strictEqual(queryOf(url)["callback_url"], `${own}?state=s1`)
      }
    }))

  it.effect("rejects options that cannot work", () =>
    Effect.gen(function*() {
      const refused: ReadonlyArray<[OAuth.AuthorizationUrlOptions, string]> = [
        [{ callbackUrl: "/callback" }, "callback_url"],
        [{ callbackUrl: "" }, "callback_url"],
        [{ callbackUrl: "http://example.com/callback" }, "callback_url"],
        [{ callbackUrl: "https://example.com/#/callback" }, "callback_url"],
        [{ callbackUrl, state: "" }, "state"],
        [{ codeChallenge: rfc.challenge, state: "s1" }, "state"],
        [{}, "code_challenge"],
        [{ callbackUrl, codeChallenge: "" }, "code_challenge"],
        [{ callbackUrl, authUrl: "openrouter.ai/auth" }, "authUrl"]
      ]
      for (const [options, parameter] of refused) {
        const error = yield* Effect.flip(OAuth.authorizationUrl(options))
        assert.strictEqual(error._tag, "InvalidRequestError")
        assert.strictEqual(error.parameter, parameter, JSON.stringify(options))
      }
    }))
})

describe("a login", () => {
  it.effect("62: returns the key of the user; the exchange proves the challenge and sends no key", () =>
    Effect.gen(function*() {
      const login = yield* OAuth.start({ callbackUrl, keyLabel: "My app" })
      const query = queryOf(login.url)
      const verifier = Redacted.value(login.codeVerifier)
      assert.strictEqual(query["code_challenge"], sha256(verifier))
      assert.strictEqual(query["code_challenge_method"], "S256")
      assert.strictEqual(query["key_label"], "My app")
      assert.strictEqual(query["callback_url"], `${callbackUrl}?state=${login.state}`)
      assert.match(login.state ?? "", /^[\w-]{22}$/)
      assert.notInclude(login.url, verifier)

      const credentials = yield* OAuth.complete(login, back(login))
      assert.strictEqual(Redacted.value(credentials.key), key)
      assert.strictEqual(credentials.userId, "user_1")
      assert.notInclude(inspect(credentials) + JSON.stringify(credentials), key)

      const requests = yield* MockHttpClient.requests
      assert.strictEqual(requests.length, 1)
      assert.strictEqual(requests[0]?.path, "/auth/keys")
      assert.isFalse(requests[0]?.hasKey)
      assert.notProperty(requests[0]?.headers, "authorization")
      assert.deepStrictEqual(requests[0]?.body, {
        code: `code-for-${query["code_challenge"]}`,
        code_verifier: verifier,
        code_challenge_method: "S256"
      })
    }).pipe(Effect.provide(OpenRouter)))

  it.effect("does not need an API key of the program", () =>
    Effect.gen(function*() {
      const login = yield* OAuth.start({ callbackUrl })
      assert.strictEqual(Redacted.value((yield* OAuth.complete(login, back(login))).key), key)
    }).pipe(
      Effect.provide(OpenRouterClient.layer().pipe(Layer.provide(MockHttpClient.layer([exchange])))),
      Effect.provide(variables({}))
    ))

  it.effect("accepts every form in which a framework has the callback", () =>
    Effect.gen(function*() {
      const login = yield* OAuth.start({ callbackUrl })
      const url = back(login)
      const echoed = new URL(url)
      echoed.searchParams.append("state", login.state ?? "")
      const forms = [
        url,
        url.href,
        `${url.pathname}${url.search}`,
        url.search,
        url.search.slice(1),
        url.searchParams,
        echoed,
        ` ${url.href}#_=_\n`
      ]
      for (const form of forms) {
        assert.strictEqual((yield* OAuth.complete(login, form)).userId, "user_1", String(form))
      }
    }).pipe(Effect.provide(OpenRouter)))

  it.effect("rejects the callback of another login, and requests no key", () =>
    Effect.gen(function*() {
      const [login, other] = [yield* OAuth.start({ callbackUrl }), yield* OAuth.start({ callbackUrl })]
      assert.notStrictEqual(login.state, other.state)
      assert.notStrictEqual(Redacted.value(login.codeVerifier), Redacted.value(other.codeVerifier))
      const answers = [
        back(other),
        `${callbackUrl}?code=abc`,
        `${callbackUrl}?code=abc&state=`,
        `${callbackUrl}?code=abc&state=${login.state}x`,
        `${callbackUrl}?code=abc&state=${login.state}&state=${other.state}`,
        back(other, { error: "access_denied" }),
        "abc",
        ""
      ]
      for (const answer of answers) {
        const error = yield* Effect.flip(OAuth.complete(login, answer))
        assert.strictEqual(error._tag, "LoginStateMismatchError", String(answer))
      }
      assert.deepStrictEqual(yield* MockHttpClient.requests, [])
    }).pipe(Effect.provide(OpenRouter)))

  it.prop(
    "reads no code from a callback without the state of the login",
    [FastCheck.webUrl({ withQueryParameters: true, withFragments: true }), FastCheck.string(), FastCheck.uuid()],
    ([url, text, state]) => {
      for (const answer of [url, text, `?${text}`, `?code=${text}`, `?code=x&state=${encodeURIComponent(text)}`]) {
        assert.notStrictEqual(readCallback(answer, state)._tag, "Code")
      }
      assert.deepStrictEqual(readCallback(`/cb?code=${encodeURIComponent(`c${text}`)}&state=${state}`, state), {
        _tag: "Code",
        code: `c${text}`
      })
    }
  )

  it.effect("fails when the user declined, with or without the state", () =>
    Effect.gen(function*() {
      const login = yield* OAuth.start({ callbackUrl })
      const declined = { error: "access_denied", error_description: "The user declined" }
      for (const answer of [back(login, declined), `${callbackUrl}?${new URLSearchParams(declined)}`]) {
        const error = yield* Effect.flip(OAuth.complete(login, answer))
        assert.isTrue(error._tag === "LoginRejectedError" && error.error === "access_denied")
        assert.include(error.message, "The user declined")
      }
      const bare = yield* Effect.flip(OAuth.complete(login, back(login, { error: "server_error", code: "abc" })))
      assert.isTrue(bare._tag === "LoginRejectedError" && bare.description === undefined)
      assert.include(bare.message, "server_error")
      assert.deepStrictEqual(yield* MockHttpClient.requests, [])
    }).pipe(Effect.provide(OpenRouter)))

  it.effect("shows a rejection without control characters and without end, because anybody can write it", () =>
    Effect.gen(function*() {
      const login = yield* OAuth.start({ callbackUrl })
      const forged = {
        error: "x\u001b]0;y\u0007",
        error_description: `\u001b[2J\u202e\u009bRun\r\n${"this".repeat(999)}`
      }
      const error = yield* Effect.flip(OAuth.complete(login, back(login, forged)))
      assert.notMatch(JSON.stringify(error) + error.message, /\\u00|\\[rn]|[\p{Cc}\p{Bidi_Control}]/u)
      assert.include(error.message, "Run this")
      assert.isBelow(error.message.length, 1000)
    }).pipe(Effect.provide(OpenRouter)))

  it.effect("fails when the callback has no code", () =>
    Effect.gen(function*() {
      const login = yield* OAuth.start({ callbackUrl })
      for (const parameters of [{}, { code: "" }]) {
        const error = yield* Effect.flip(OAuth.complete(login, back(login, parameters)))
        assert.strictEqual(error._tag, "LoginCodeMissingError")
      }
    }).pipe(Effect.provide(OpenRouter)))

  it.effect("fails with the errors of the exchange, and sends it once", () =>
    Effect.gen(function*() {
      const [login, other] = [yield* OAuth.start({ callbackUrl }), yield* OAuth.start({ callbackUrl })]
      const stolen = back(login, { code: new URL(back(other)).searchParams.get("code") ?? "" })
      const error = yield* Effect.flip(OAuth.complete(login, stolen))
      assert.isTrue(error._tag === "ForbiddenResponseError" && error.status === 403)
      assert.strictEqual((yield* MockHttpClient.requests).length, 1)
    }).pipe(Effect.provide(OpenRouter)))

  it.effect("does not show the key in the error about a malformed response", () =>
    Effect.gen(function*() {
      const login = yield* OAuth.start({ callbackUrl })
      const error = yield* Effect.flip(OAuth.complete(login, back(login)))
      assert.strictEqual(error._tag, "ResponseValidationError")
      assert.notInclude(inspect(error, { depth: 9 }) + JSON.stringify(error), key)
    }).pipe(Effect.provide(MockHttpClient.layerClient([
      MockHttpClient.route("POST", "/auth/keys", () => ({ key, user_id: 7 }))
    ]))))

  it.effect("can be stored as JSON and printed without its secret", () =>
    Effect.gen(function*() {
      const stored = Schema.parseJson(OAuth.PendingLogin)
      for (const login of [yield* OAuth.start({ callbackUrl }), yield* OAuth.start()]) {
        const json = yield* Schema.encode(stored)(login)
        assert.strictEqual(JSON.parse(json).codeVerifier, Redacted.value(login.codeVerifier))
        const found = yield* Schema.decode(stored)(json)
        assert.strictEqual(found.url, login.url)
        assert.strictEqual(found.state, login.state)
        assert.strictEqual(Redacted.value(found.codeVerifier), Redacted.value(login.codeVerifier))
        assert.notInclude(inspect(login) + JSON.stringify(login), Redacted.value(login.codeVerifier))
      }
    }))
})

describe("a login without a callback", () => {
  it.effect("has the URL of a page that shows the code", () =>
    Effect.gen(function*() {
      const login = yield* OAuth.start({ keyLabel: "My tool" })
      assert.deepStrictEqual(queryOf(login.url), {
        code_challenge: sha256(Redacted.value(login.codeVerifier)),
        code_challenge_method: "S256",
        key_label: "My tool"
      })
      assert.isUndefined(login.state)
    }))

  it.effect("accepts the code as the user pastes it", () =>
    Effect.gen(function*() {
      const login = yield* OAuth.start()
      const code = `code-for-${queryOf(login.url)["code_challenge"]}`
      for (const pasted of [code, `  ${code}\n`, `https://openrouter.ai/auth/code?code=${code}`, `code=${code}`]) {
        assert.strictEqual(Redacted.value((yield* OAuth.complete(login, pasted)).key), key, pasted)
      }
    }).pipe(Effect.provide(OpenRouter)))

  it.effect("rejects a text that is not a code", () =>
    Effect.gen(function*() {
      const login = yield* OAuth.start()
      for (const pasted of ["", " \n", "I have no code", "https://openrouter.ai/auth", "?state=1", "code="]) {
        const error = yield* Effect.flip(OAuth.complete(login, pasted))
        assert.strictEqual(error._tag, "LoginCodeMissingError", pasted)
      }
      assert.deepStrictEqual(yield* MockHttpClient.requests, [])
    }).pipe(Effect.provide(OpenRouter)))
})
