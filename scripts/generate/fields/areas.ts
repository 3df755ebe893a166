/** Which file of this folder describes a module, and how much of it must have a sentence. */

/** The first area whose pattern matches a module. */
const patterns: ReadonlyArray<readonly [area: string, pattern: RegExp]> = [
  ["chat", /^(Chat|Completions|Decisions|SystemOne)/],
  ["responses", /^Responses/],
  ["messages", /^Messages/],
  ["media", /^(Embeddings|Images|Rerank|Stt|Tts|Videos)/],
  ["models", /^(Analytics|Benchmarks|Classifications|Datasets|Endpoints|Generations|Models|Parameters|Providers)/],
  ["routing", /^(Common|Plugins|RouterMetadata|Routing|ServerTools|Usage)/],
  ["management", /./]
]

export const areas: ReadonlyArray<string> = patterns.map(([area]) => area)

export const areaOf = (module: string): string =>
  patterns.find(([, pattern]) => pattern.test(module))?.[0] ?? "management"

/** The least percentage of fields that have a sentence: of those that requests have, and of those only responses have. */
export const floors: Readonly<Record<string, { readonly sent: number; readonly received: number }>> = {
  chat: { sent: 100, received: 100 },
  responses: { sent: 100, received: 100 },
  messages: { sent: 100, received: 100 },
  media: { sent: 100, received: 100 },
  models: { sent: 100, received: 100 },
  routing: { sent: 100, received: 100 },
  management: { sent: 100, received: 100 }
}
