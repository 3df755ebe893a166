import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { besideSpan } from "../../src/internal/logs.js"
import { everyFormatInto } from "../support/effect/logs.js"
import { printingInto, tracer } from "../support/effect/tracing.js"

describe("besideSpan", () => {
  it.effect("keeps a log out of the events of the span, and not from loggers", () =>
    Effect.gen(function*() {
      const { spans, tracer: recording } = tracer()
      const lines: Array<string> = []
      const logs = Effect.andThen(Effect.logWarning("open"), besideSpan(Effect.logWarning("private")))
      yield* Effect.withSpan(logs, "outer").pipe(
        Effect.provide(everyFormatInto(lines)),
        Effect.withTracer(recording),
        printingInto(lines)
      )
      // Effect 4 has no events of logs where a program has chosen its loggers
      const events = spans.flatMap(({ events }) => events.map(({ name }) => name))
      assert.isTrue(events.every((name) => name === "open"))
      assert.include(lines.join("\n"), "private")
    }))

  it.effect("logs without a span, too", () =>
    Effect.gen(function*() {
      const lines: Array<string> = []
      yield* besideSpan(Effect.logWarning("private")).pipe(
        Effect.provide(everyFormatInto(lines)),
        printingInto(lines)
      )
      assert.include(lines.join("\n"), "private")
    }))
})
