/**
 * Replaces OpenRouter's login page and the exchange of codes when there is no network: a page with two links, and codes
 * that are valid for one exchange with the right verifier.
 */
import { Effect, Redacted } from "effect"
import { OAuth } from "effect-openrouter"
import { ForbiddenResponseError } from "effect-openrouter/http/OpenRouterError"
import { MockHttpClient, Script } from "effect-openrouter/testing"

export const loginPage = (key: Redacted.Redacted) => {
  const challenges = new Map<string, string>()
  return [
    MockHttpClient.route("GET", "/auth", ({ query }) => {
      const code = `code-${crypto.randomUUID()}`
      challenges.set(code, String(query["code_challenge"]))
      const back = (name: string, value: string) => {
        const url = new URL(String(query["callback_url"]))
        url.searchParams.set(name, value)
        return escape(url.href)
      }
      return Script.reply(
        `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Login</title>
<style>body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 20vh auto 0; padding: 0 1rem }</style>
<p>This page replaces the login page of OpenRouter. Allow <b>${
          escape(String(query["key_label"]))
        }</b> to get an API key of yours?</p>
<p><a id="allow" href="${back("code", code)}">Allow</a> · <a id="decline" href="${
          back("error", "access_denied")
        }">Decline</a></p>
</html>`,
        { headers: { "content-type": "text/html; charset=utf-8" } }
      )
    }),
    MockHttpClient.on(OAuth.exchangeAuthCodeForAPIKey, ({ code, code_verifier = "" }) =>
      Effect.gen(function*() {
        const expected = challenges.get(code)
        challenges.delete(code)
        const challenge = yield* Effect.orDie(OAuth.codeChallenge(Redacted.make(code_verifier)))
        return challenge === expected
          ? { key: Redacted.value(key), user_id: "user_demo" }
          : yield* new ForbiddenResponseError({ status: 403, message: "Invalid code or code_verifier" })
      }))
  ]
}

const escape = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
