/**
 * A terminal program that logs its user in and sends a chat with the key of the user.
 *
 * `npx tsx examples/oauth-login.ts --openrouter` opens OpenRouter's own page, and you get a key of your account. Without
 * the argument, no request leaves this machine: a scripted server has a login page, and the program follows the link
 * "Allow" itself.
 */
import { FetchHttpClient, HttpClient } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Redacted } from "effect"
import { Chat, OpenRouterClient } from "effect-openrouter"
import { OAuthLoopback } from "effect-openrouter/node"
import { ScriptedServer } from "effect-openrouter/testing/server"
import { loginPage } from "./support/loginPage.js"

interface Options {
  readonly authUrl?: string
  readonly open: (url: string) => Effect.Effect<void, never, HttpClient.HttpClient>
}

const program = (options: Options) =>
  Effect.gen(function*() {
    const { key, userId } = yield* OAuthLoopback.login({ keyLabel: "effect-openrouter example", ...options })
    yield* Console.log(`Logged in as ${userId}, with the key ${key}.`)
    const result = yield* Chat.send({
      model: "openai/gpt-5-nano",
      messages: [{ role: "user", content: "Say hello in one short sentence." }]
    }).pipe(OpenRouterClient.withOptions({ apiKey: key }))
    yield* Console.log(Chat.text(result))
  }).pipe(
    Effect.catchTags({
      LoginRejectedError: () => Console.log("You declined the login."),
      LoginTimeoutError: () => Console.log("The login page did not return in time.")
    })
  )

const online = program({ open: (url) => Console.log(`Open this page to log in:\n\n${url}\n`) }).pipe(
  Effect.provide(OpenRouterClient.layer())
)

/** Opens the page and follows the link, as a person does in a browser. */
const clickAllow = (url: string) =>
  Effect.gen(function*() {
    const page = yield* HttpClient.get(url).pipe(Effect.flatMap((response) => response.text))
    const link = /id="allow" href="([^"]+)"/.exec(page)?.[1] ?? ""
    yield* HttpClient.get(link.replaceAll("&#38;", "&"))
  }).pipe(Effect.orDie)

const offline = Effect.gen(function*() {
  yield* Console.log("Offline. Use --openrouter to log in at OpenRouter.")
  const { url } = yield* ScriptedServer.ScriptedServer
  yield* program({ authUrl: `${url}/auth`, open: clickAllow })
}).pipe(
  Effect.provide(ScriptedServer.layerClient({
    ...ScriptedServer.demo,
    handlers: loginPage(Redacted.make("sk-or-v1-of-the-example"))
  }))
)

const main = process.argv.includes("--openrouter") ? online : offline

NodeRuntime.runMain(Effect.provide(main, FetchHttpClient.layer))
