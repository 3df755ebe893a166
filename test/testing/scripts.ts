/** Random scripts, and what any correct reader must find in their answers. */
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import type { Ending } from "../../src/testing/internal/bodyFrames.js"
import type { Segments } from "../../src/testing/internal/networkChunks.js"
import type { PlannedResponse } from "../../src/testing/internal/plannedResponse.js"
import type { Api } from "../../src/testing/internal/recording.js"
import { makeResponder } from "../../src/testing/internal/responder.js"
import * as Script from "../../src/testing/Script.js"

const pathOf = { chat: "chat/completions", responses: "responses", messages: "messages", completions: "completions" }

/** A request to the engine, as a front end would hand it over. */
export const incoming = (api: Api, body: object, headers: Record<string, string> = {}) => ({
  method: "POST",
  url: new URL(`https://openrouter.ai/api/v1/${pathOf[api]}`),
  headers: { "content-type": "application/json", ...headers },
  body: new TextEncoder().encode(JSON.stringify(body))
})

export const respond = (
  turn: Script.TurnInput,
  api: Api,
  stream: boolean
): Effect.Effect<Extract<PlannedResponse, { _tag: "Response" }>> =>
  Effect.flatMap(
    makeResponder({ name: "Test", turns: [turn] }).respond(incoming(api, { model: "openai/gpt-5-nano", stream })).pipe(
      Effect.mapError((unanswered) => new Error(unanswered.message)),
      Effect.orDie
    ),
    (plan) => plan._tag === "Response" ? Effect.succeed(plan) : Effect.die(new Error("no response"))
  )

export interface Body {
  readonly chunks: ReadonlyArray<Uint8Array>
  readonly waits: number
  readonly text: string
  readonly ending: Ending
}

export const drain = (segments: Segments): Body => {
  const chunks: Array<Uint8Array> = []
  const decoder = new TextDecoder("utf-8", { fatal: true })
  let waits = 0
  let text = ""
  let next = segments.next()
  while (next.done !== true) {
    if (next.value._tag === "Wait") waits++
    else {
      chunks.push(next.value.bytes)
      text += decoder.decode(next.value.bytes, { stream: true })
    }
    next = segments.next()
  }
  return { chunks, waits, text: text + decoder.decode(), ending: next.value }
}

export const render = (turn: Script.TurnInput, api: Api, stream: boolean): Effect.Effect<Body> =>
  Effect.map(respond(turn, api, stream), (plan) => drain(plan.body))

/** The payloads of a stream, by the plainest reading there is: the renderers write LF and one line of data. */
export const payloads = (body: Body): ReadonlyArray<unknown> =>
  body.text.split("\n\n").flatMap((block) => {
    const line = block.split("\n").find((line) => line.startsWith("data: "))
    return line === undefined || line === "data: [DONE]" ? [] : [JSON.parse(line.slice(6))]
  })

const words = FastCheck.array(
  FastCheck.oneof(
    FastCheck.string({ minLength: 1 }),
    FastCheck.fullUnicodeString({ minLength: 1 }),
    FastCheck.constantFrom(" Hello", "\n\n", "data: x", "\u2028", "日本語", "👩‍🚀", "\"", "[DONE]")
  ),
  { minLength: 1, maxLength: 5 }
)

const maybe = <A>(arbitrary: FastCheck.Arbitrary<A>) => FastCheck.option(arbitrary, { nil: undefined })

const text = words.map(Script.text)
const reasoning = FastCheck.record({
  text: words,
  signature: maybe(FastCheck.base64String({ minLength: 4 })),
  encrypted: maybe(FastCheck.base64String({ minLength: 4 })),
  summary: FastCheck.boolean(),
  format: FastCheck.constantFrom(undefined, null, "anthropic-claude-v1", "openai-responses-v1")
}).map(({ text, ...options }) => Script.reasoning(text, options))
const toolCall = FastCheck.record({
  name: FastCheck.constantFrom("get_weather", "lookup"),
  input: FastCheck.dictionary(FastCheck.string({ minLength: 1 }), FastCheck.jsonValue(), { maxKeys: 3 }),
  fragments: FastCheck.integer({ min: 1, max: 6 }),
  repeat: FastCheck.constantFrom("absent" as const, "null" as const, "empty" as const),
  id: maybe(FastCheck.uuid())
}).map(({ input, name, ...options }) => Script.toolCall(name, input, options))
const citation = FastCheck.record({ url: FastCheck.webUrl(), title: maybe(FastCheck.string({ minLength: 1 })) }).map(
  Script.citation
)

/** What each of the three APIs can say. */
export const content: FastCheck.Arbitrary<Script.ContentPart> = FastCheck.oneof(
  { arbitrary: text, weight: 4 },
  { arbitrary: reasoning, weight: 2 },
  { arbitrary: toolCall, weight: 2 },
  citation,
  words.map(Script.refusal),
  FastCheck.constant(Script.image()),
  FastCheck.constant(Script.audio(["AAAA", "BBBB"], { transcript: "hi" })),
  FastCheck.constant(Script.item({ type: "openrouter:datetime", status: "completed", datetime: "x", timezone: "UTC" }))
)

export const quiet: FastCheck.Arbitrary<Script.ConnectionPart> = FastCheck.constantFrom(
  Script.comment(),
  Script.comment("still here"),
  Script.wait(0)
)

export const options: FastCheck.Arbitrary<Script.TurnOptions> = FastCheck.record({
  cost: FastCheck.double({ min: 0, max: 10, noNaN: true }),
  usage: FastCheck.option(
    FastCheck.record({
      inputTokens: FastCheck.nat(),
      outputTokens: FastCheck.nat(),
      cachedTokens: FastCheck.nat()
    }),
    { nil: null }
  ),
  finishReason: FastCheck.constantFrom(undefined, "stop", "length", "tool_calls", "content_filter"),
  usageChunk: FastCheck.constantFrom("repeat" as const, "null" as const, "none" as const),
  comments: FastCheck.nat({ max: 3 }),
  id: FastCheck.constantFrom(undefined, "gen-own")
})

export const answers: FastCheck.Arbitrary<Script.ModelResponse> = FastCheck.tuple(
  FastCheck.array(FastCheck.oneof({ arbitrary: content, weight: 4 }, quiet), { maxLength: 8 }),
  options
).map(([parts, options]) => Script.turn(parts, options))

const joined = (deltas: ReadonlyArray<string>) => deltas.join("")

/** What a script says, read off the script itself. */
export const meaning = (turn: Script.ModelResponse) => ({
  text: turn.parts.map((part) => part._tag === "Text" ? joined(part.deltas) : "").join(""),
  refusal: turn.parts.map((part) => part._tag === "Refusal" ? joined(part.deltas) : "").join(""),
  reasoning: turn.parts.map((part) => part._tag === "Reasoning" ? joined(part.deltas) : "").join(""),
  toolCalls: turn.parts.flatMap((part) =>
    part._tag === "ToolCall" ? [{ name: part.name, arguments: joined(part.fragments) }] : []
  )
})
