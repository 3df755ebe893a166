/** What a user writes who imports modules one by one; it is compiled against the declarations, and never run. */
import * as Client from "effect-openrouter/http/OpenRouterClient"
import type { ChatRequest } from "effect-openrouter/schema/ChatRequest"
import { unrecognized } from "effect-openrouter/schema/OpenUnion"
import * as Chat from "effect-openrouter/services/Chat"
import * as Effect from "effect/Effect"

const messages: ChatRequest["messages"] = [{ role: "user", content: "Hi" }]

export const text: Effect.Effect<string, unknown, Client.OpenRouterClient> = Chat.send({
  model: "openai/gpt-5-nano",
  messages
}).pipe(
  Client.withOptions({ retry: false }),
  Effect.map(Chat.text)
)

export const tool = unrecognized("type", { type: "computer_20260101" })
