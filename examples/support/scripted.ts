/**
 * A server that responds to any request as OpenRouter does, to try programs without a key. It prints the variables with
 * which a program uses it: `npx tsx examples/support/scripted.ts`.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { ScriptedServer } from "effect-openrouter/testing/server"

const announce = Effect.flatMap(
  ScriptedServer.ScriptedServer,
  ({ url }) => Console.log(`OPENROUTER_API_KEY=any OPENROUTER_BASE_URL=${url} npx tsx …`)
)

Layer.launch(Layer.provide(Layer.effectDiscard(announce), ScriptedServer.layer(ScriptedServer.demo))).pipe(
  NodeRuntime.runMain
)
