import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { nameOf } from "../../../src/durable/internal/names.js"

/** Text as models write it, with separators, what escapes look like, and halves of characters. */
const part = FastCheck.array(
  FastCheck.oneof(
    FastCheck.constantFrom("/", "%", "%2F", "%55296", "%u", "\ud800", "\udc00", "😀", "\u0000", "a"),
    FastCheck.integer({ min: 0xd7fe, max: 0xe001 }).map((code) => String.fromCharCode(code)),
    FastCheck.constant("x".repeat(60))
  ),
  { maxLength: 6 }
).map((pieces) => pieces.join(""))

const parts = FastCheck.array(part, { minLength: 1, maxLength: 3 })

/** The same parts, with what an escape of a half of a character may look like in its place. */
const lookalike = (escape: (code: number) => string) => (all: ReadonlyArray<string>): ReadonlyArray<string> =>
  all.map((one) => one.replace(/\p{Cs}/gu, (half) => escape(half.charCodeAt(0))))

const pairs = parts.chain((some) =>
  FastCheck.tuple(
    FastCheck.constant(some),
    FastCheck.oneof(
      parts,
      FastCheck.constant(lookalike((code) => `%${code}`)(some)),
      FastCheck.constant(lookalike((code) => `%u${code.toString(16)}`)(some)),
      FastCheck.constant(lookalike(() => "\ufffd")(some))
    )
  )
)

describe("the name of an activity", () => {
  it("is another one for other parts, and fits into a column", () =>
    FastCheck.assert(
      FastCheck.asyncProperty(pairs, async ([some, others]) => {
        const [one, other, again] = await Effect.runPromise(
          Effect.all([nameOf("tool", ...some), nameOf("tool", ...others), nameOf("tool", ...some)])
        )
        assert.strictEqual(one, again)
        assert.strictEqual(one === other, JSON.stringify(some) === JSON.stringify(others))
        assert.isAtMost(one.length, 96)
      }),
      { numRuns: 2000 }
    ))
})
