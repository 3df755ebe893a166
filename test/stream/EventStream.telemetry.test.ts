/** What the span and the metrics of a stream tell of its end. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { memory, over, respond } from "../http/support/memory.js"
import { allSeries, labelled } from "../support/effect/metrics.js"
import { tracer } from "../support/effect/tracing.js"
import { chat, done, finishChunk, sse, textChunk, usage } from "../support/events.js"

/** The first span of a run, and the metrics of its model with what sets them apart. */
const recorded = (wire: string, model: string, run = Stream.runDrain<unknown, unknown, never>) =>
  Effect.gen(function*() {
    const { spans, tracer: recording } = tracer()
    const server = memory(respond(200, wire, { "content-type": "text/event-stream" }))
    yield* Effect.exit(run(Stream.provideLayer(chat({ model }), over(server, { retry: false })))).pipe(
      Effect.withTracer(recording),
      labelled("team", "search")
    )
    const points = allSeries().map(({ name, tags }) => ({ name, tags }))
    return {
      span: spans[0] ?? assert.fail("no span"),
      points: points.filter(({ tags }) => tags["gen_ai.request.model"] === model)
    }
  })

const broken = { error: { code: 502, message: "Upstream died" } }
const late = sse(textChunk("a"), { ...broken, usage }) + done

const ends: Readonly<Record<string, readonly [wire: string, type: string | undefined]>> = {
  "as it began": [sse(broken), "BadGatewayResponseError"],
  "after its first event": [late, "BadGatewayResponseError"],
  "before its end": [sse(textChunk("a")), "StreamTruncatedError"],
  "well": [sse(textChunk("a"), { ...finishChunk, usage }) + done, undefined]
}

describe("a stream", () => {
  for (const [when, [wire, type]] of Object.entries(ends)) {
    it.effect(`that ends ${when} has its end in its span and metrics, which have the labels of its caller`, () =>
      Effect.gen(function*() {
        const { points, span } = yield* recorded(wire, `test/${when}`)
        assert.strictEqual(span.attributes.get("error.type"), type)
        assert.strictEqual(span.status()._tag, "Ended")
        assert.include(points.map(({ name }) => name), "gen_ai.client.operation.duration")
        assert.strictEqual(points.some(({ name }) => name === "openrouter.client.cost"), wire.includes("cost"))
        for (const { tags } of points) assert.deepStrictEqual([tags["error.type"], tags["team"]], [type, "search"])
      }))
  }

  it.effect("that is not read to its failure has no error", () =>
    Effect.gen(function*() {
      const { points, span } = yield* recorded(late, "test/left", (events) => Stream.runDrain(Stream.take(events, 1)))
      assert.isUndefined(span.attributes.get("error.type"))
      assert.isTrue(points.every(({ tags }) => tags["error.type"] === undefined))
    }))

  it.effect("has the labels of its caller even if its scope closes outside of them", () =>
    Effect.gen(function*() {
      const server = memory(
        respond(200, sse(textChunk("a"), finishChunk) + done, { "content-type": "text/event-stream" })
      )
      const model = "test/scope"
      const drain = Effect.flatMap(chat.withResponse({ model }), ({ data }) => Stream.runDrain(data))
      yield* Effect.scoped(labelled("team", "scoped")(drain)).pipe(Effect.provide(over(server)))
      const found = allSeries().filter(({ tags }) => tags["gen_ai.request.model"] === model)
      assert.isNotEmpty(found)
      for (const { name, tags } of found) assert.strictEqual(tags["team"], "scoped", name)
    }))
})
