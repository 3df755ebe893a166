/**
 * Serves the page of this folder: `npx tsx examples/browser/serve.ts` uses a scripted server and no network; with
 * `--openrouter` the page uses OpenRouter, where you log in with your own account.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Redacted } from "effect"
import { ScriptedServer } from "effect-openrouter/testing/server"
import { loginPage } from "../support/loginPage.js"
import { serve } from "./server.js"

const key = Redacted.make("sk-or-v1-of-the-example")

const main = Effect.gen(function*() {
  const options = process.argv.includes("--openrouter")
    ? {}
    : { api: (yield* ScriptedServer.make({ ...ScriptedServer.demo, handlers: loginPage(key) })).url }
  const { url } = yield* serve({ ...options, port: 3000 })
  yield* Console.log(`Open ${url}`)
  yield* Effect.never
})

NodeRuntime.runMain(Effect.scoped(main))
