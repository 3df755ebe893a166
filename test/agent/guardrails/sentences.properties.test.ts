/** Sentences of a text that grows. */
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { Sentences } from "../../../src/agent/internal/guardrails/sentences.js"

const cut = (pieces: ReadonlyArray<string>): ReadonlyArray<string> => {
  const sentences = new Sentences()
  const all = pieces.flatMap((piece) => sentences.add(piece))
  return [...all, sentences.rest()]
}

/** Whether no character is cut in halves. */
const isWhole = (text: string): boolean => !/[\uD800-\uDBFF]$|^[\uDC00-\uDFFF]/.test(text)

/** Text in which ends of sentences are frequent. */
const anyText = FastCheck.array(
  FastCheck.oneof(
    FastCheck.constantFrom(".", "!", "?", "…", " ", "\n", "\"", ")", "。", "」", "a", "B", "7", "😀", "3.5", "e.g."),
    FastCheck.string({ unit: "grapheme", maxLength: 3 })
  ),
  { maxLength: 60 }
).map((parts) => parts.join(""))

const anyCut = FastCheck.tuple(anyText, FastCheck.array(FastCheck.nat(80), { maxLength: 20 })).map(([text, places]) => {
  const sorted = [...new Set(places)].sort((a, b) => a - b)
  return { text, pieces: [...sorted, text.length].map((to, index) => text.slice(sorted[index - 1] ?? 0, to)) }
})

describe("the sentences of a text", () => {
  it("are cut where one ends and the next begins", () => {
    const cases: ReadonlyArray<readonly [text: string, sentences: ReadonlyArray<string>]> = [
      ["One. Two! Three?", ["One. ", "Two! ", "Three?"]],
      ["He said \"No.\" Then he left.", ["He said \"No.\" ", "Then he left."]],
      ["It costs 3.50 euros. Really", ["It costs 3.50 euros. ", "Really"]],
      ["# Title\n\n- one\n- two", ["# Title\n", "\n- one\n", "- two"]],
      ["好的。「是吗？」对", ["好的。", "「是吗？」", "对"]],
      ["Well... yes", ["Well... ", "yes"]],
      ["\n\n  Hello", ["\n\n  Hello"]],
      ["", [""]]
    ]
    for (const [text, sentences] of cases) assert.deepStrictEqual(cut([text]), sentences, text)
  })

  it("are the same in whatever pieces the text arrives, and lose nothing of it", () => {
    FastCheck.assert(FastCheck.property(anyCut, ({ pieces, text }) => {
      const sentences = cut(pieces)
      assert.strictEqual(sentences.join(""), text)
      assert.deepStrictEqual(sentences, cut([text]))
    }))
  })

  it("are never long: a text without an end is cut at a space, or else anywhere but inside of a character", () => {
    const words = cut(["word ".repeat(2000)])
    assert.isTrue(words.every((sentence) => sentence.length <= 2005))
    assert.isTrue(words.slice(1, -1).every((sentence) => sentence.startsWith("word")))
    const faces = cut(["x", "😀".repeat(9000)])
    assert.isTrue(faces.every((sentence) => sentence.length <= 4001 && isWhole(sentence)))
  })
})
