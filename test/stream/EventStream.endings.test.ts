/** How a stream ends: one verdict for the same bytes, however the stream is read. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { ConnectionError } from "../../src/http/OpenRouterError.js"
import * as ChatProtocol from "../../src/response/chatProtocol.js"
import * as CompletionsProtocol from "../../src/response/completionsProtocol.js"
import * as ImagesProtocol from "../../src/response/imagesProtocol.js"
import * as InternsProtocol from "../../src/response/internsProtocol.js"
import * as MessagesProtocol from "../../src/response/messagesProtocol.js"
import type { Protocol } from "../../src/response/protocol.js"
import * as ResponsesProtocol from "../../src/response/responsesProtocol.js"
import { ChatStreamChunk } from "../../src/schema/Chat.js"
import { CompletionChunk } from "../../src/schema/Completions.js"
import { ImageStreamEvent } from "../../src/schema/Images.js"
import { InternChatEvent } from "../../src/schema/Interns.js"
import { MessagesStreamEvents } from "../../src/schema/MessagesEvents.js"
import { StreamEvents } from "../../src/schema/ResponsesEvents.js"
import * as EventStream from "../../src/stream/EventStream.js"
import { memory, over } from "../http/support/memory.js"
import { poll } from "../support/effect/fibers.js"
import { chunk, done, sse, usage } from "../support/events.js"

type Verdict = "whole" | "truncated" | "broken" | "stalled" | "empty"

/** The verdicts at the end of the body, after `[DONE]`, after a reset, and in silence. */
type Verdicts = readonly [eof: Verdict, done: Verdict, reset: Verdict, silence: Verdict]

const whole: Verdicts = ["whole", "whole", "whole", "whole"]
const cut: Verdicts = ["truncated", "truncated", "broken", "stalled"]
const empty: Verdicts = ["truncated", "empty", "broken", "stalled"]
const wholeIfDone: Verdicts = ["truncated", "whole", "broken", "stalled"]
const emptyIfDone: Verdicts = ["truncated", "empty", "broken", "stalled"]

interface Api {
  readonly name: string
  readonly ways: ReturnType<typeof waysOf>
  readonly cases: ReadonlyArray<readonly [title: string, events: ReadonlyArray<unknown>, verdicts: Verdicts]>
}

const of = (index: number, text: string, finish: string | null = null, rest: object = {}) => ({
  ...chunk({}),
  choices: [{ index, text, delta: { content: text }, finish_reason: finish }],
  ...rest
})
const lastChunk = { ...chunk({}), choices: [], usage }

const ofChoices: Api["cases"] = [
  ["nothing", [], empty],
  ["an empty piece", [of(0, "")], empty],
  ["text", [of(0, "a")], cut],
  ["text and a finish reason", [of(0, "a"), of(0, "", "stop")], whole],
  ["text, a finish reason and the usage", [of(0, "a"), of(0, "", "stop"), lastChunk], whole],
  ["all in one chunk", [of(0, "a", "stop", { usage })], whole],
  ["text and the usage", [of(0, "a"), lastChunk], whole],
  ["the usage alone", [of(0, ""), lastChunk], emptyIfDone],
  ["one of two choices", [of(0, "a", "stop"), of(1, "b")], wholeIfDone],
  ["both of two choices", [of(0, "a", "stop"), of(1, "b", "stop")], whole]
]

const created = {
  type: "response.created",
  sequence_number: 0,
  response: { id: "gen-1", object: "response", model: "m", status: "in_progress", output: [], usage: null }
}
const message = {
  type: "message",
  id: "msg_1",
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text: "a", annotations: [] }]
}
const added = { type: "response.output_item.added", output_index: 0, item: { ...message, content: [] } }
const piece = { type: "response.output_text.delta", output_index: 0, content_index: 0, item_id: "msg_1", delta: "a" }
const itemDone = { type: "response.output_item.done", output_index: 0, item: message }
const ended = (status: string) => ({
  type: `response.${status}`,
  response: { ...created.response, status, output: [message] }
})

const start = {
  type: "message_start",
  message: {
    id: "gen-1",
    type: "message",
    role: "assistant",
    model: "m",
    container: null,
    content: [],
    stop_reason: null,
    stop_details: null,
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 0 }
  }
}
const block = { type: "content_block_start", index: 0, content_block: { type: "text", text: "a", citations: null } }
const stopReason = {
  type: "message_delta",
  delta: { stop_reason: "end_turn", stop_sequence: null, stop_details: null, container: null },
  usage: { output_tokens: 2 }
}

const preview = { type: "image_generation.partial_image", b64_json: "A", partial_image_index: 0 }
const image = { type: "image_generation.completed", b64_json: "AA", created: 1 }

type Ending = "eof" | "done" | "reset" | "silence"

const endings: ReadonlyArray<Ending> = ["eof", "done", "reset", "silence"]

const utf8 = new TextEncoder()

/** A body with these events, and this end. */
const bodyOf = (text: string, ending: Ending): ReadableStream<Uint8Array> => {
  let isSent = false
  return new ReadableStream({
    pull: (controller): Promise<void> | void => {
      if (!isSent) controller.enqueue(utf8.encode(`: OPENROUTER PROCESSING\n\n${text}${ending === "done" ? done : ""}`))
      else if (ending === "reset") controller.error(Object.assign(new Error("read"), { code: "ECONNRESET" }))
      else if (ending === "silence") return new Promise(() => {})
      else controller.close()
      isSent = true
    }
  }, { highWaterMark: 0 })
}

const bytesOf = (text: string, ending: Ending): Stream.Stream<Uint8Array, ConnectionError> =>
  Stream.fromReadableStream({
    evaluate: () => bodyOf(text, ending),
    onError: () => new ConnectionError({ phase: "body", code: "ECONNRESET", message: "reset" })
  })

const options = { documented: [], idleTimeout: "30 seconds" } as const

/** Every way to read a stream of this API. */
const waysOf = <Event, Result>(
  protocol: Protocol<Event, Result>,
  schema: Schema.Schema<Event>,
  text: (event: Event) => string
) => {
  const decode = EventStream.decode(protocol, schema, options)
  const endpoint = EventStream.endpoint<{ readonly model: string }, Event, unknown, never, "required">({
    operationId: "test",
    name: "test.stream",
    method: "POST",
    path: "/test",
    query: [],
    body: "json",
    schema,
    protocol,
    errors: [],
    auth: "required",
    operation: "chat"
  })
  const http = (wire: string, ending: Ending) => {
    const type = { "content-type": "text/event-stream" }
    const server = memory(() => Effect.sync(() => new Response(bodyOf(wire, ending), { headers: type })))
    return over(server, { retry: false, idleTimeout: "30 seconds" })
  }
  return (
    wire: string,
    ending: Ending
  ): Readonly<Record<string, Effect.Effect<unknown, { readonly _tag: string }>>> => {
    const bytes = bytesOf(wire, ending)
    const request = { model: "test/model" }
    return {
      decode: Stream.runDrain(decode(bytes)),
      deltas: Stream.runDrain(EventStream.deltas(text)(decode(bytes))),
      accumulate: EventStream.accumulate(decode(bytes), protocol),
      open: Effect.scoped(Effect.flatMap(EventStream.open(protocol, schema, options)(bytes), Stream.runDrain)),
      endpoint: Effect.provide(Stream.runDrain(endpoint(request)), http(wire, ending)),
      forEach: Effect.provide(endpoint.forEach(request, () => Effect.void), http(wire, ending)),
      withResponse: Effect.flatMap(endpoint.withResponse(request), ({ data }) => EventStream.accumulate(data, protocol))
        .pipe(Effect.scoped, Effect.provide(http(wire, ending)))
    }
  }
}

const apis: ReadonlyArray<Api> = [
  { name: "chat", ways: waysOf(ChatProtocol.protocol, ChatStreamChunk, ChatProtocol.textDelta), cases: ofChoices },
  {
    name: "completions",
    ways: waysOf(CompletionsProtocol.protocol, CompletionChunk, CompletionsProtocol.textDelta),
    cases: ofChoices
  },
  {
    name: "interns",
    ways: waysOf(InternsProtocol.protocol, InternChatEvent, InternsProtocol.textDelta),
    cases: [...ofChoices, ["a message to a turn that runs", [{ session_id: "s", status: "steered" }], whole]]
  },
  {
    name: "responses",
    ways: waysOf(ResponsesProtocol.protocol, StreamEvents, ResponsesProtocol.textDelta),
    cases: [
      ["nothing", [], cut],
      ["its creation", [created], cut],
      ["text", [created, added, piece], cut],
      ["all items", [created, added, piece, itemDone], cut],
      ["its completion", [created, added, piece, itemDone, ended("completed")], whole],
      ["its end without completion", [created, added, piece, itemDone, ended("incomplete")], whole]
    ]
  },
  {
    name: "messages",
    ways: waysOf(MessagesProtocol.protocol, MessagesStreamEvents, MessagesProtocol.textDelta),
    cases: [
      ["nothing", [], empty],
      ["its start", [start], empty],
      ["text", [start, block], cut],
      ["a stop reason", [start, block, stopReason], cut],
      ["its stop", [start, block, stopReason, { type: "message_stop" }], whole]
    ]
  },
  {
    name: "images",
    ways: waysOf(ImagesProtocol.protocol, ImageStreamEvent, () => ""),
    cases: [
      ["nothing", [], cut],
      ["a preview", [preview], cut],
      ["an image", [preview, image], whole]
    ]
  }
]

const verdictOf = (error: { readonly _tag: string } | undefined): Verdict => {
  switch (error?._tag) {
    case undefined:
      return "whole"
    case "StreamTruncatedError":
      return "truncated"
    case "ConnectionError":
      return "broken"
    case "StreamStalledError":
      return "stalled"
    default:
      return "empty"
  }
}

/** The clock moves on for as long as the wait for bytes of a web stream, which is not on the clock, goes on. */
const settled = <A>(effect: Effect.Effect<A>): Effect.Effect<A> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    yield* TestClock.adjust("1 second").pipe(
      Effect.zipRight(Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))),
      Effect.repeat({ until: () => Effect.map(poll(fiber), Option.isSome) })
    )
    return yield* Fiber.join(fiber)
  })

for (const { cases, name, ways } of apis) {
  describe(`a stream of ${name} that ends after`, () => {
    for (const [title, events, verdicts] of cases) {
      it.effect(title, () =>
        Effect.gen(function*() {
          const found = yield* settled(Effect.forEach(
            endings,
            (ending) =>
              Effect.forEach(Object.entries(ways(sse(...events), ending)), ([, run]) =>
                Effect.map(Effect.either(run), (exit) =>
                  verdictOf(Either.isLeft(exit) ? exit.left : undefined)), { concurrency: "unbounded" }),
            { concurrency: "unbounded" }
          ))
          assert.deepStrictEqual(
            found,
            verdicts.map((verdict) =>
              found[0]?.map(() =>
                verdict
              )
            )
          )
        }))
    }
  })
}
