import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as ResponsesProtocol from "../../src/response/responsesProtocol.js"
import { StreamEvents } from "../../src/schema/ResponsesEvents.js"
import * as EventStream from "../../src/stream/EventStream.js"
import { done, finishChunk, openChat, outcome, reads, sse, textChunk, texts } from "../support/events.js"

const rateLimited = { error: { code: 429, message: "Slow down" } }

describe("EventStream.open", () => {
  it.scoped("has the first events before the stream is run", () =>
    Effect.gen(function*() {
      let pulled = 0
      const source = reads(": hi\n\n", sse(textChunk("a"), textChunk("b")), sse(finishChunk) + done).pipe(
        Stream.tap(() => Effect.sync(() => pulled++))
      )
      const stream = yield* openChat()(source)
      assert.strictEqual(pulled, 2)
      assert.deepStrictEqual(texts((yield* outcome(stream)).events), ["a", "b", ""])
    }))

  it.scoped("fails if the first event is an error, and closes its source at once", () =>
    Effect.gen(function*() {
      let closed = false
      const source = reads(": hi\n\n", sse(rateLimited)).pipe(Stream.ensuring(Effect.sync(() => {
        closed = true
      })))
      const error = yield* Effect.flip(openChat()(source))
      assert.deepStrictEqual([error._tag, closed], ["TooManyRequestsResponseError", true])
    }))

  it.scoped("fails the stream at an error after events, even in the same read", () =>
    Effect.gen(function*() {
      const stream = yield* openChat()(reads(sse(textChunk("a"), rateLimited)))
      const { error, events } = yield* outcome(stream)
      assert.deepStrictEqual([texts(events), error?._tag], [["a"], "TooManyRequestsResponseError"])
    }))

  it.scoped("fails if there are no events", () =>
    Effect.gen(function*() {
      const openResponse = EventStream.open(ResponsesProtocol.protocol, StreamEvents, { documented: [] })
      assert.strictEqual((yield* Effect.flip(openResponse(reads(done))))._tag, "StreamTruncatedError")
      assert.strictEqual((yield* Effect.flip(openChat()(reads(done))))._tag, "BadGatewayResponseError")
    }))

  it.scoped("returns an empty stream if [DONE] alone ends the protocol", () =>
    Effect.gen(function*() {
      const accumulator = () => {
        const strict = ResponsesProtocol.protocol.accumulator()
        const completeness = () => "settled" as const
        return {
          add: strict.add.bind(strict),
          addUsage: strict.add.bind(strict),
          end: () => undefined,
          completeness,
          partial: strict.partial.bind(strict),
          result: strict.result.bind(strict)
        }
      }
      const lenient = { ...ResponsesProtocol.protocol, accumulator }
      const stream = yield* EventStream.open(lenient, StreamEvents, { documented: [] })(reads(done))
      assert.deepStrictEqual(yield* outcome(stream), { events: [], error: undefined })
    }))
})
