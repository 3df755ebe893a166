/** The measured clients, by their names in the tables. */
import { here } from "./processes.js"

/** Names and files. */
export type Clients = ReadonlyArray<readonly [name: string, path: string]>

export const raw = "raw fetch"

/** A file of this folder as `npm run archives` carries it over to Effect 4. */
export const for4 = (path: string): string => here(`../effect4/build/bench/${path}`)

export const clients: Clients = [
  [raw, here("clients/raw.ts")],
  ["@openrouter/sdk", here("clients/openrouterSdk.ts")],
  ["@openrouter/agent", here("clients/openrouterAgent.ts")],
  ["openai", here("clients/openai.ts")],
  ["ai + provider", here("clients/aiSdk.ts")],
  ["@effect/ai-openrouter", here("effect-ai/client.ts")],
  ["effect-openrouter, fetch", here("clients/effectOpenRouterFetch.ts")],
  ["effect-openrouter, undici", here("clients/effectOpenRouterUndici.ts")],
  ["on Effect 4, fetch", for4("clients/effectOpenRouterFetch.ts")],
  ["on Effect 4, undici", for4("clients/effectOpenRouterUndici.ts")]
]
