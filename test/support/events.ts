/** Chunks, bodies and endpoints for the tests of responses and streams. */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Stream from "effect/Stream"
import type { PartialResponse } from "../../src/http/OpenRouterError.js"
import * as ChatProtocol from "../../src/response/chatProtocol.js"
import { type ChatResult, ChatStreamChunk } from "../../src/schema/Chat.js"
import * as Chat from "../../src/services/Chat.js"
import * as EventStream from "../../src/stream/EventStream.js"

const utf8 = new TextEncoder()

export const encode = (text: string): Uint8Array => utf8.encode(text)

export const sse = (...payloads: ReadonlyArray<unknown>): string =>
  payloads.map((payload) => `data: ${typeof payload === "string" ? payload : JSON.stringify(payload)}\n\n`).join("")

export const done = sse("[DONE]")

export const chunk = (
  delta: object,
  finish: string | null = null,
  rest: { readonly [field: string]: unknown } = {}
): ChatStreamChunk => {
  const made = {
    id: "gen-1",
    provider: "Test",
    model: "test/model",
    object: "chat.completion.chunk",
    created: 1700000000,
    choices: [{ index: 0, delta: { role: "assistant", ...delta }, finish_reason: finish, native_finish_reason: finish }]
  }
  return { ...made, ...rest }
}

export const textChunk = (text: string): ChatStreamChunk => chunk({ content: text })

export const finishChunk: ChatStreamChunk = chunk({ content: "" }, "stop")

export const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10, cost: 0.5 }

/** Each text is one network read. */
export const reads = (...texts: ReadonlyArray<string>): Stream.Stream<Uint8Array> =>
  Stream.fromChunks(...texts.map((text) => Chunk.of(encode(text))))

export const decodeChat = (options: Partial<EventStream.DecodeOptions> = {}) =>
  EventStream.decode(ChatProtocol.protocol, ChatStreamChunk, { documented: Chat.stream.errors, ...options })

export const openChat = (options: Partial<EventStream.DecodeOptions> = {}) =>
  EventStream.open(ChatProtocol.protocol, ChatStreamChunk, { documented: Chat.stream.errors, ...options })

/** What a stream emits, and then how it fails. */
export const outcome = <A, E, R = never>(
  stream: Stream.Stream<A, E, R>
): Effect.Effect<{ readonly events: ReadonlyArray<A>; readonly error: E | undefined }, never, R> =>
  Effect.suspend(() => {
    const events: Array<A> = []
    return Stream.runForEach(stream, (event) => Effect.sync(() => events.push(event))).pipe(
      Effect.match({
        onFailure: (error) => ({ events, error }),
        onSuccess: () => ({ events, error: undefined })
      })
    )
  })

export const texts = (events: ReadonlyArray<ChatStreamChunk>): ReadonlyArray<string> =>
  events.map(ChatProtocol.textDelta)

export const chat = EventStream.endpoint<
  { readonly model: string },
  ChatStreamChunk,
  ChatResult,
  400 | 429 | 502 | 504,
  "required"
>({
  operationId: "chat",
  name: "chat.stream",
  method: "POST",
  path: "/chat/completions",
  query: [],
  body: "json",
  schema: ChatStreamChunk,
  protocol: ChatProtocol.protocol,
  errors: [400, 429, 502, 504],
  auth: "required",
  operation: "chat"
})

/** The same text in pieces, cut anywhere, also between the halves of a pair. */
export const cut = (text: string, positions: ReadonlyArray<number>): ReadonlyArray<string> => {
  const cuts = [...positions.map((position) => position % (text.length + 1)), 0, text.length].sort((a, b) => a - b)
  return cuts.slice(1).map((to, i) => text.slice(cuts[i], to))
}

export const positions = FastCheck.array(FastCheck.nat(), { maxLength: 12 })

/** The result and the partial response that a protocol makes of events. */
export const addUp = <Event, Result>(
  protocol: EventStream.Protocol<Event, Result>,
  events: ReadonlyArray<unknown>
): { readonly result: Result | undefined; readonly partial: PartialResponse } => {
  const accumulator = protocol.accumulator()
  for (const event of events) accumulator.add(event)
  accumulator.end()
  return { result: accumulator.result(), partial: accumulator.partial() }
}
