/** The pieces of tool calls: honest ones are joined exactly, and dishonest ones are read as they were meant. */
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { ToolCalls } from "../../../src/response/internal/toolCalls.js"
import { cut, positions } from "../../support/events.js"

/** A piece in short: index, id, name, arguments; `-` for an absent one. */
type Piece = readonly [index: number | "-", id: string | null, name: string | null, args: unknown]

const pieceOf = ([index, id, name, args]: Piece) => ({
  ...(index === "-" ? {} : { index }),
  ...(id === "-" ? {} : { id }),
  function: { ...(name === "-" ? {} : { name }), arguments: args }
})

const added = (...deltas: ReadonlyArray<ReadonlyArray<Piece>>) => {
  const calls = new ToolCalls()
  for (const delta of deltas) calls.add(delta.map(pieceOf))
  return calls.toArray().map(({ function: inner, id }) => [id, Reflect.get(Object(inner), "name"), argumentsOf(inner)])
}

const argumentsOf = (inner: unknown): unknown => Reflect.get(Object(inner), "arguments")

/** Each piece in a delta of its own. */
const read = (...pieces: ReadonlyArray<Piece>) => added(...pieces.map((piece) => [piece]))

describe("the pieces of a call", () => {
  const one = [["a", "read", "{\"p\":1}"]]
  const two = [["a", "read", "{\"p\":1}"], ["b", "read", "{\"p\":2}"]]
  const cases: ReadonlyArray<readonly [title: string, pieces: ReadonlyArray<Piece>, calls: unknown]> = [
    [
      "by index",
      [[0, "a", "read", ""], [1, "b", "read", ""], [0, "-", "-", "{\"p\":1}"], [1, "-", "-", "{\"p\":2}"]],
      two
    ],
    ["by id, with no index", [["-", "a", "read", "{\"p\":"], ["-", "b", "read", "{\"p\":"], ["-", "a", "-", "1}"], [
      "-",
      "b",
      "-",
      "2}"
    ]], two],
    ["by id, against the index", [[0, "a", "read", "{\"p\":"], [0, "b", "read", "{\"p\":2"], [0, "a", "-", "1}"], [
      0,
      "b",
      "-",
      "}"
    ]], two],
    [
      "with one index for all",
      [[0, "a", "read", "{\"p\":1}"], [0, "b", "read", "{\"p\""], [0, null, null, ":2}"]],
      two
    ],
    ["with another index in the second part", [[0, "a", "read", "{\"p\":1}"], [0, "b", "read", ""], [
      1,
      "-",
      "-",
      "{\"p\":2}"
    ]], two],
    ["with an index in the first part only", [[7, "a", "read", ""], ["-", "-", "-", "{\"p\":1}"]], one],
    ["with the index of a whole call", [[0, "a", "read", "{\"p\":1}"], [1, "b", "read", "{\"p\""], [
      0,
      "-",
      "-",
      ":2}"
    ]], two],
    ["with a blank id later", [[0, "a", "read", "{\"p\":"], [0, " ", "-", "1}"]], one],
    ["with an empty id and name later", [[0, "a", "read", "{\"p\":"], [0, "", "", "1}"]], one],
    ["with another id in each piece", [[0, "a", "read", "{\"p\":"], [0, "x", "-", "1"], [0, "y", null, "}"]], one],
    ["with the name in each piece", [[0, "a", "read", "{\"p\":"], [0, "-", "read", "1}"]], one],
    ["with the name in each piece, and no index", [["-", "a", "read", "{\"p\":"], ["-", "-", "read", "1}"]], one],
    ["with an id that comes late", [[0, null, "read", ""], [0, "a", "-", "{\"p\":1}"]], one],
    ["with a name that comes late", [[0, "a", null, ""], [0, "-", "read", "{\"p\":1}"]], one],
    ["with blank pieces after the end", [
      [0, "a", "read", "{\"p\":1}"],
      [1, "b", "read", "{\"p\":"],
      [0, "-", "-", ""],
      [
        1,
        "-",
        "-",
        "2}"
      ]
    ], two],
    ["of tools without ids", [[0, "-", "read", "{\"p\":1}"], [0, "-", "write", "{}"]], [
      ["", "read", "{\"p\":1}"],
      ["", "write", "{}"]
    ]],
    ["of two whole calls without ids", [[0, "-", "read", "{\"p\":1}"], [0, "-", "read", "{\"p\":2}"]], [
      ["", "read", "{\"p\":1}"],
      ["", "read", "{\"p\":2}"]
    ]],
    [
      "of two whole calls with the name as the id",
      [[0, "read", "read", "{\"p\":1}"], [1, "read", "read", "{\"p\":2}"]],
      [
        ["read", "read", "{\"p\":1}"],
        ["read", "read", "{\"p\":2}"]
      ]
    ],
    ["as a value in place of its text", [[0, "a", "read", { p: 1 }]], one]
  ]
  it.each(cases)("are joined %s", (_, pieces, calls) => {
    assert.deepStrictEqual<unknown>(read(...pieces), calls)
  })

  it("stand for their index by their position if a delta has several", () => {
    assert.deepStrictEqual<unknown>(
      added([["-", "-", "read", "{\"p\""], ["-", "-", "write", "{\"q\""]], [["-", "-", "-", ":1}"], [
        "-",
        "-",
        "-",
        ":2}"
      ]]),
      [["", "read", "{\"p\":1}"], ["", "write", "{\"q\":2}"]]
    )
  })

  it("keep an index of any kind", () => {
    for (const index of [-1, 0.5, 1e9, 2 ** 53, Infinity]) {
      assert.deepStrictEqual<unknown>(read([index, "a", "read", "{\"p\":"], [index, "-", "-", "1}"]), one)
    }
  })
})

describe("the arguments of a call", () => {
  const whole = "{\"x\":2}"
  const cases: ReadonlyArray<readonly [title: string, pieces: ReadonlyArray<string>, text: string]> = [
    ["once more at the end", ["{\"x\":", "2}", whole], whole],
    ["twice more at the end", ["{\"x\":", "2}", whole, whole], whole],
    ["once more in other spacing", ["{\"x\":", "2}", "{ \"x\": 2 }"], "{ \"x\": 2 }"],
    ["in each piece all so far", ["{\"x\"", "{\"x\":2", whole], whole],
    ["in each piece all so far, cut off", ["{\"x\"", "{\"x\":", "{\"x\":2"], "{\"x\":2"],
    ["after {}", ["{}", whole], whole],
    ["after {}, in pieces", ["{}", "{\"x\":", "2}"], whole],
    ["after {}, in each piece all so far", ["{}", "{\"x\"", whole], whole],
    ["before {}", ["{\"x\":", "2}", "{}"], whole],
    ["with blanks after it", ["{\"x\":", "2}", " ", "\n"], "{\"x\":2} \n"],
    ["with a text in it that repeats its beginning", ["{\"a\":", "{\"a\":", "1}}"], "{\"a\":{\"a\":1}}"],
    ["with pieces that are alike", ["[0", "0", "0", "0", "]"], "[0000]"],
    ["of two values in a row", ["{\"a\":1}", "{\"a\":2}"], "{\"a\":1}{\"a\":2}"],
    ["cut off", ["{\"x\":", "{\"x"], "{\"x\":{\"x"],
    ["that are {}", ["{", "}"], "{}"],
    ["that are {} twice", ["{}", "{}"], "{}"]
  ]
  it.each(cases)("arrive %s", (_, pieces, text) => {
    const [first = "", ...rest] = pieces
    const calls: ReadonlyArray<Piece> = [[0, "a", "f", first], ...rest.map((piece): Piece => [0, "-", "-", piece])]
    assert.deepStrictEqual<unknown>(read(...calls), [["a", "f", text]])
  })

  const json = FastCheck.dictionary(FastCheck.string(), FastCheck.jsonValue()).map((value) => JSON.stringify(value))

  it.prop(
    "are exact for any JSON and any cut, also where pieces are alike",
    [FastCheck.array(FastCheck.tuple(json, positions), { minLength: 1, maxLength: 3 })],
    ([calls]) => {
      const queues = calls.map(([text, places], index) => [
        pieceOf([index, `call_${index}`, "f", ""]),
        ...cut(text, places).map((piece) => pieceOf([index, "-", "-", piece]))
      ])
      const joined = new ToolCalls()
      for (let turn = 0; queues.some((queue) => turn < queue.length); turn++) {
        for (const queue of queues) joined.add(queue.slice(turn, turn + 1))
      }
      assert.deepStrictEqual<unknown>(
        joined.toArray().map((call) => argumentsOf(call["function"])),
        calls.map(([text]) => text)
      )
    }
  )

  it.prop("are exact where all of them come once more", [json, positions], ([text, places]) => {
    const pieces = [...cut(text, places), text].map((piece): Piece => [0, "-", "-", piece])
    assert.deepStrictEqual<unknown>(read([0, "a", "f", ""], ...pieces), [["a", "f", text]])
  })

  it.prop("are exact where each piece is the text so far", [json, positions], ([text, places]) => {
    const ends = [...new Set(places.map((place) => place % text.length)), text.length].sort((a, b) => a - b)
    const pieces = ends.map((end): Piece => [0, "-", "-", text.slice(0, end)])
    assert.deepStrictEqual<unknown>(read([0, "a", "f", ""], ...pieces), [["a", "f", text]])
  })
})
