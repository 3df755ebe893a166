/** Outputs that are shown in part, and read piece by piece. */
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { keptCallIn, KeptTexts } from "../../../src/agent/internal/context/largeOutput.js"
import { headAndTail } from "../../../src/agent/internal/context/outputViews.js"
import { keptView, reader } from "../../../src/agent/internal/context/readOutput.js"
import type { HandlerService } from "../../../src/agent/internal/tool.js"

/** Texts whose characters take one or two units, some longer than what is read at once. */
const anyText = FastCheck.tuple(
  FastCheck.array(FastCheck.constantFrom("a", "\n", "é", "👩", "🚀", "x".repeat(3333)), {
    minLength: 1,
    maxLength: 60
  }),
  FastCheck.boolean()
).map(([pieces, isLong]) => pieces.join("").repeat(isLong ? 3 : 1))

const isWhole = (text: string): boolean => !/\p{Surrogate}/u.test(text)

const handler: HandlerService = reader.own ?? assert.fail("there is no handler")

const read = (text: string, params: { readonly offset: number; readonly find: string | null }): string => {
  const given = Context.make(KeptTexts, (call: string) => call === "c" ? text : undefined)
  const call = {
    id: "r",
    name: "read_output",
    turn: 1,
    attempt: 1,
    idempotencyKey: "r",
    progress: () => Effect.void,
    answer: Effect.never
  }
  // A handler of the loop gets its services as they are
  return Effect.runSync(handler.handle({ call: "c", ...params }, call, given as never) as Effect.Effect<string>)
}

describe("the view of a long output", () => {
  it("has the beginning and the end of the text, no more than was allowed, and no half of a character", () =>
    FastCheck.assert(FastCheck.property(anyText, FastCheck.nat(5000), (text, show) => {
      const view = headAndTail(text, show, () => "Advice.")
      const [notice = "", ...rest] = view.split("\n")
      const [head = "", tail = ""] = rest.join("\n").split("\n…\n")
      assert.match(notice, /^\(This output has \d+ characters\. You see .* Advice\.\)$/)
      assert.isTrue(text.startsWith(head) && text.endsWith(tail))
      assert.isAtMost(head.length + tail.length, Math.max(show, 1) + 1)
      assert.isTrue(isWhole(view))
    })))

  it("names its call, whatever the id is", () =>
    FastCheck.assert(FastCheck.property(FastCheck.string(), anyText, (id, text) => {
      assert.strictEqual(keptCallIn(keptView(text, { id, name: "look" }, 100)), id)
    })))
})

describe("a kept output", () => {
  it("is read to its end in whole characters, and nothing is left out or read twice", () =>
    FastCheck.assert(FastCheck.property(anyText, (text) => {
      let seen = ""
      for (let offset = 0; offset < text.length;) {
        const part = read(text, { offset, find: null })
        const [, from, to] = /^\(Characters (\d+) to (\d+) of \d+\. /.exec(part) ?? assert.fail(part)
        const body = part.slice(part.indexOf("\n") + 1)
        assert.strictEqual(Number(from), offset)
        assert.isTrue(isWhole(body) && body.length <= 10_000)
        seen += body
        offset = Number(to)
      }
      assert.strictEqual(seen, text)
      assert.strictEqual(read(text, { offset: text.length, find: null }), `(The output ends at ${text.length}.)`)
    })))

  it("is read from the next place of a text", () => {
    const text = `${"a".repeat(20_000)}needle${"b".repeat(20_000)}needle`
    assert.match(read(text, { offset: 0, find: "needle" }), /^\(Characters 20000 to 30000 .*\)\nneedlebbb/)
    assert.match(read(text, { offset: 20_001, find: "needle" }), /^\(Characters 40006 to 40012 .* its end.\)\nneedle$/)
    assert.include(read(text, { offset: 40_007, find: "needle" }), "does not stand behind 40007")
    assert.match(read(text, { offset: -5, find: "" }), /^\(Characters 0 to 10000 /)
  })
})
