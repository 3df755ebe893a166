/**
 * Functions that make messages: a manual in the prompt cache, an image from bytes, the tool call of the model sent back
 * unchanged, and a prefill that the response continues. A scripted server responds, and shows the request that it
 * received.
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
    Prompt.cached(Prompt.system("The text of the manual …"), "1h"),
    Prompt.user(["Which part is this?", Prompt.image({ bytes: pixel, mediaType: "image/gif" }, { detail: "low" })])
  ]
  const first = yield* Chat.send({ ...request, messages })
  const toolCalls = Prompt.fromResponse(first)
  const results = (toolCalls.tool_calls ?? []).map((call) => Prompt.tool(call, "part 17: the lid"))
  const second = yield* Chat.send({
    ...request,
    messages: [...messages, toolCalls, ...results, Prompt.prefill("It is ")]
  })
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
