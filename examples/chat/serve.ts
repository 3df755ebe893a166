/**
 * Starts the chat of this folder: `server.ts` has the agent and its tools, `page.tsx` what the user sees.
 *
 * Packages: `effect-openrouter`, `effect`, `@effect/platform`, `@effect/platform-node`, and for the page `react`, `react-dom`,
 * `ai`, `@ai-sdk/react` and `esbuild`.
 *
 * `npx tsx examples/chat/serve.ts` starts it with a scripted model; with `--openrouter` it uses OpenRouter, and the key of
 * the variable `OPENROUTER_API_KEY`. The page is at http://localhost:3000.
 */
import { FetchHttpClient, HttpServer } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import { Config, Layer } from "effect"
import { OpenRouterClient } from "effect-openrouter"
import { Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"
import { layer } from "./server.js"

/** What the model says: it looks the order up, asks for an approval, and thanks. */
export const turns: Script.Script = [
  Script.turn([
    Script.reasoning(["The customer wants a refund. ", "I look the order up first."]),
    Script.text(["Let me ", "look that up."]),
    Script.toolCall("find_order", { number: "1001" })
  ], { cost: 0.0012, pace: "40 millis" }),
  Script.turn([
    Script.text(["I found your lamp. ", "Shall I refund ", "the 49 euros?"]),
    Script.toolCall("refund", { order: "1001", amount: 49 })
  ], { cost: 0.0017, pace: "40 millis" }),
  Script.forever(
    Script.turn(Script.text(["All ", "done. ", "Anything ", "else?"]), { cost: 0.0009, pace: "150 millis" })
  )
]

const Scripted = ScriptedServer.layerClient({ turns, allowUnused: true })
const Real = OpenRouterClient.layerConfig({ apiKey: Config.redacted("OPENROUTER_API_KEY") })

if (process.argv[1]?.endsWith("serve.ts") === true) {
  NodeRuntime.runMain(Layer.launch(
    HttpServer.withLogAddress(layer(3000)).pipe(
      (server) => process.argv.includes("--openrouter") ? Layer.provide(server, Real) : Layer.provide(server, Scripted),
      Layer.provide(FetchHttpClient.layer)
    )
  ))
}
