/** The measured clients, by their names in the tables. */
import { here } from "./processes.js"

/** Names and files. */
export type Clients = ReadonlyArray<readonly [name: string, path: string]>

export const raw = "raw fetch"

export const clients: Clients = [
  [raw, here("clients/raw.ts")],
  ["@openrouter/sdk", here("clients/openrouterSdk.ts")],
  ["@openrouter/agent", here("clients/openrouterAgent.ts")],
  ["openai", here("clients/openai.ts")],
  ["ai + provider", here("clients/aiSdk.ts")],
  ["@effect/ai-openrouter", here("effect-ai/client.ts")],
  ["effect-openrouter, fetch", here("clients/effectOpenRouterFetch.ts")],
  ["effect-openrouter, undici", here("clients/effectOpenRouterUndici.ts")]
]
