/**
 * Messages that save mistakes: a cached manual, an image from bytes, the model's own tool call sent back as it came, and
 * an answer that it has to go on from. A scripted server answers, and shows what it was sent.
 */
import { FetchHttpClient } from "@effect/platform"
import { Console, Effect, Layer } from "effect"
import { Chat, Prompt, Routing } from "effect-openrouter"
import { Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"

const pixel = Uint8Array.from(
  atob("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"),
  (character) => character.charCodeAt(0)
)

const request = {
  ...Routing.models("anthropic/claude-haiku-4.5", "openai/gpt-5-nano"),
  provider: { ...Routing.order("Anthropic"), ...Routing.maxPrice({ prompt: 1, completion: 5 }) }
}

const program = Effect.gen(function*() {
  const server = yield* ScriptedServer.ScriptedServer
  const messages = [
    Prompt.cached(Prompt.system("The manual, all of it. …"), "1h"),
    Prompt.user(["Which part is this?", Prompt.image({ bytes: pixel, mediaType: "image/gif" }, { detail: "low" })])
  ]
  const first = yield* Chat.send({ ...request, messages })
  const reply = Prompt.fromResponse(first)
  const results = (reply.tool_calls ?? []).map((call) => Prompt.tool(call, "part 17: the lid"))
  const second = yield* Chat.send({ ...request, messages: [...messages, reply, ...results, Prompt.prefill("It is ")] })
  yield* Console.log(`It is${Chat.text(second)}`)
  const [, sent] = yield* server.requests
  yield* Console.log(JSON.stringify(sent?.json, null, 2))
})

const turns = [Script.toolCall("find_part", { shape: "round" }), " the lid."]

program.pipe(
  Effect.provide(Layer.provide(ScriptedServer.layerClient({ turns }), FetchHttpClient.layer)),
  Effect.runPromise
).catch((error) => {
  console.error(error)
  process.exitCode = 1
})
