import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { vi } from "vitest"
import * as Sse from "../../src/response/sse.js"

const utf8 = new TextEncoder()

interface Outcome {
  readonly events: ReadonlyArray<Sse.ServerSentEvent>
  readonly comments: number
  readonly retry: number | undefined
  readonly tooLarge: boolean
}

const read = (reads: Iterable<Uint8Array>, options?: Sse.ParserOptions): Outcome => {
  const parser = Sse.makeParser(options)
  const events: Array<Sse.ServerSentEvent> = []
  for (const bytes of reads) events.push(...parser.push(bytes))
  events.push(...parser.end())
  return { events, comments: parser.comments, retry: parser.retry, tooLarge: parser.tooLarge }
}

const readText = (text: string, options?: Sse.ParserOptions): Outcome => read([utf8.encode(text)], options)

const datas = (outcome: Outcome): ReadonlyArray<string> => outcome.events.map((event) => event.data)

/** The rules once more, line by line over the whole text, with nothing clever. */
const naive = (bytes: Uint8Array, maxEventSize: number): Outcome => {
  let text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)
  if (text.startsWith("\uFEFF")) text = text.slice(1)
  const lines = text.split(/\r\n|\n|\r/)
  const unterminated = lines.pop() ?? ""
  const events: Array<Sse.ServerSentEvent> = []
  let data: Array<string> = []
  let event = ""
  let lastEventId = ""
  let comments = 0
  let retry: number | undefined
  let size = 0
  const dispatch = (): void => {
    if (data.length > 0) events.push({ event: event || "message", data: data.join("\n"), lastEventId })
    data = []
    event = ""
    size = 0
  }
  for (const line of lines) {
    if (line === "") {
      dispatch()
      continue
    }
    if (size + utf8.encode(line).length > maxEventSize) return { events, comments, retry, tooLarge: true }
    if (line.startsWith(":")) {
      comments++
      continue
    }
    size += utf8.encode(line).length
    const colon = line.indexOf(":")
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "")
    if (name === "data") data.push(value)
    else if (name === "event") event = value
    else if (name === "id" && !value.includes("\0")) lastEventId = value
    else if (name === "retry" && /^\d+$/.test(value)) retry = Number(value)
  }
  const tooLarge = size + utf8.encode(unterminated).length > maxEventSize
  if (unterminated === "" && !tooLarge) dispatch()
  return { events, comments, retry, tooLarge }
}

/** Cuts at the given places, which may be inside a character, between CR and LF, or on top of each other. */
const split = (bytes: Uint8Array, places: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const cuts = [...places.map((place) => place % (bytes.length + 1)), 0, bytes.length].sort((a, b) => a - b)
  return cuts.slice(1).map((cut, i) => bytes.slice(cuts[i], cut))
}

const places = FastCheck.array(FastCheck.nat(), { maxLength: 30 })
const text = FastCheck.oneof(
  FastCheck.string({ unit: "grapheme", maxLength: 12 }),
  FastCheck.constantFrom("", " ", "  two", ":", "a: b", "data: x", "é", "日本", "😀", "[DONE]", "{\"a\":1}")
).map((value) => value.replace(/[\r\n\0]/g, ""))
const lineEnd = FastCheck.constantFrom("\n", "\r\n", "\r")
const words = [
  "\r\n",
  "\n\n",
  "data",
  "data:",
  "data: ",
  "event:",
  "id: ",
  "retry:",
  "retry: 10\n",
  "data: {}\n\n",
  ": c\n"
]
const syntax = Array.from("\r\n: x\0\uFEFFé日😀").concat(words)
const soup = FastCheck.array(FastCheck.oneof(FastCheck.constantFrom(...syntax), text), { maxLength: 40 })
  .map((parts) => parts.join(""))

describe("Sse", () => {
  it("44: skips comments and reports them", () => {
    const outcome = readText(": OPENROUTER PROCESSING\n\n: again\n\ndata: 1\n\n:\n\n")
    assert.deepStrictEqual(datas(outcome), ["1"])
    assert.strictEqual(outcome.comments, 3)
  })

  it("strips one space after the colon and no more", () => {
    assert.deepStrictEqual(datas(readText("data:a\n\ndata: b\n\ndata:  c\n\n")), ["a", "b", " c"])
  })

  it("joins data lines, and dispatches an empty one", () => {
    assert.deepStrictEqual(datas(readText("data: a\ndata\ndata: b\n\ndata\n\nevent: none\n\n")), ["a\n\nb", ""])
  })

  it("knows the fields and forgets the event name with its event", () => {
    const outcome = readText("event: data\nid: 7\nretry: 250\nother: x\ndata: [DONE]\n\nid\nretry: 2s\ndata: b\n\n")
    assert.deepStrictEqual(outcome.events, [
      { event: "data", data: "[DONE]", lastEventId: "7" },
      { event: "message", data: "b", lastEventId: "" }
    ])
    assert.strictEqual(outcome.retry, 250)
  })

  it("drops a byte order mark at the start and keeps it elsewhere", () => {
    const mark = "\uFEFF"
    assert.deepStrictEqual(datas(readText(`${mark}data: ${mark}a\n\n${mark}data: b\n\ndata: c\n\n`)), [`${mark}a`, "c"])
  })

  it("dispatches at a lone CR at once, and does not take its LF in the next read for a blank line", () => {
    const parser = Sse.makeParser()
    assert.strictEqual(parser.push(utf8.encode("data: a\r\r")).length, 1)
    const reads = ["data: a\r", "\ndata: b\r", "\n\r", "\ndata: c\n\n"].map((part) => utf8.encode(part))
    assert.deepStrictEqual(datas(read(reads)), ["a\nb", "c"])
  })

  it("dispatches what only lacks its blank line at the end, never an unfinished line", () => {
    assert.deepStrictEqual(datas(readText("data: a\n\ndata: b\n")), ["a", "b"])
    assert.deepStrictEqual(datas(readText("data: a\n\ndata: b")), ["a"])
    assert.deepStrictEqual(datas(readText("data: a\n\ndata: b\ndata: c")), ["a"])
    assert.deepStrictEqual(datas(readText("data: a\n\ndata: b\r")), ["a", "b"])
  })

  it("takes a last line without its end where the event is whole with it, or was without it", () => {
    const ended = (text: string) => {
      const parser = Sse.makeParser()
      const events = parser.push(utf8.encode(text))
      return [...events, ...parser.end((data) => data.endsWith("}"))].map(({ data, event }) => `${event}: ${data}`)
    }
    assert.deepStrictEqual(ended("data: {a}\n\nevent: b\ndata: {b}"), ["message: {a}", "b: {b}"])
    assert.deepStrictEqual(ended("\uFEFFdata:{a}"), ["message: {a}"])
    assert.deepStrictEqual(ended("data: {a\ndata: b}"), ["message: {a\nb}"])
    assert.deepStrictEqual(ended("data: {a}\n: keep-al"), ["message: {a}"])
    assert.deepStrictEqual(ended("data: {a}\nda"), ["message: {a}"])
    assert.deepStrictEqual(ended("data: {a"), [])
    assert.deepStrictEqual(ended("data: {a}\ndata: {b"), [])
    assert.deepStrictEqual(ended(": {a}"), [])
    const parser = Sse.makeParser({ maxEventSize: 8 })
    assert.deepStrictEqual([...parser.push(utf8.encode("data: {abc}")), ...parser.end(() => true)], [])
  })

  it("keeps an event that is exactly as large as allowed and gives up one byte above", () => {
    const limit = { maxEventSize: 10 }
    const fits = readText("data: ä日\n\ndata: ä\n\n", { maxEventSize: 11 })
    assert.deepStrictEqual([datas(fits), fits.tooLarge], [["ä日", "ä"], false])
    const above = readText("data: ok\n\ndata: ä日\n\ndata: ok\n\n", limit)
    assert.deepStrictEqual([datas(above), above.tooLarge], [["ok"], true])
    const endless = Sse.makeParser(limit)
    endless.push(utf8.encode("data: 1234"))
    assert.isFalse(endless.tooLarge)
    endless.push(utf8.encode("5"))
    assert.isTrue(endless.tooLarge)
    assert.deepStrictEqual([...endless.push(utf8.encode("\n\ndata: 1\n\n")), ...endless.end()], [])
  })

  it("counts the first and the last character of each length in UTF-8 as the bytes that they are", () => {
    for (
      const character of [
        "\u007f",
        "\u0080",
        "\u07ff",
        "\u0800",
        "\ud7ff",
        "\ue000",
        "\uffff",
        "\u{10000}",
        "\u{10ffff}"
      ]
    ) {
      const text = `data: ${character}\n\n`
      const bytes = utf8.encode(text).length - 2
      assert.isFalse(readText(text, { maxEventSize: bytes }).tooLarge)
      assert.isTrue(readText(text, { maxEventSize: bytes - 1 }).tooLarge)
    }
  })

  it("does not count earlier events, comments or line ends towards the size", () => {
    const block = ": a comment\r\n: another\r\ndata: 123\r\n\r\n"
    const outcome = readText(block.repeat(50), { maxEventSize: 11 })
    assert.deepStrictEqual([outcome.events.length, outcome.tooLarge], [50, false])
  })

  it("copies a huge event in small reads a few times at most", () => {
    const size = 1 << 20
    const bytes = utf8.encode(`data: ${"x".repeat(size)}\n\n`)
    const set = vi.spyOn(Uint8Array.prototype, "set")
    const decode = vi.spyOn(TextDecoder.prototype, "decode")
    const parser = Sse.makeParser()
    const events: Array<Sse.ServerSentEvent> = []
    for (let i = 0; i < bytes.length; i += 64) events.push(...parser.push(bytes.subarray(i, i + 64)))
    const copied = set.mock.calls.reduce((sum, [source]) => sum + source.length, 0)
    const decoded = decode.mock.calls.reduce((sum, [source]) => sum + (source?.byteLength ?? 0), 0)
    vi.restoreAllMocks()
    assert.strictEqual(events[0]?.data.length, size)
    assert.isAtMost(copied, 5 * size)
    assert.strictEqual(decoded, bytes.length)
  })

  it("44: gives the same events for any line ends and any reads", () => {
    const fields = FastCheck.record({
      comment: FastCheck.option(text),
      event: FastCheck.option(text),
      id: FastCheck.option(text),
      retry: FastCheck.option(FastCheck.nat()),
      data: FastCheck.array(text, { minLength: 1, maxLength: 4 }),
      space: FastCheck.boolean()
    })
    FastCheck.assert(FastCheck.property(
      FastCheck.array(fields, { maxLength: 8 }),
      FastCheck.array(lineEnd, { minLength: 1, maxLength: 50 }),
      FastCheck.boolean(),
      places,
      (blocks, ends, mark, places) => {
        const lines: Array<string> = []
        const expected: Array<Sse.ServerSentEvent> = []
        let lastEventId = ""
        for (const { comment, data, event, id, retry, space } of blocks) {
          const field = (name: string, value: string) =>
            lines.push(`${name}:${space || value[0] === " " ? " " : ""}${value}`)
          if (comment !== null) lines.push(`:${comment}`)
          if (event !== null) field("event", event)
          for (const line of data) field("data", line)
          if (id !== null) field("id", lastEventId = id)
          if (retry !== null) field("retry", String(retry))
          lines.push("")
          expected.push({ event: event || "message", data: data.join("\n"), lastEventId })
        }
        const wire = lines.map((line, i) => {
          const end = ends[i % ends.length]
          // A line that ends in CR, followed by a blank one that ends in LF, would read as one CRLF.
          return line + (end === "\n" && line === "" && i > 0 && ends[(i - 1) % ends.length] === "\r" ? "\r" : end)
        })
        const bytes = utf8.encode((mark ? "\uFEFF" : "") + wire.join(""))
        assert.deepStrictEqual(read(split(bytes, places)).events, expected)
      }
    ))
  })

  it("agrees with a reading line by line of any text in any reads under any limit", () => {
    FastCheck.assert(
      FastCheck.property(soup, places, FastCheck.integer({ min: 1, max: 40 }), (text, places, maxEventSize) => {
        const bytes = utf8.encode(text)
        assert.deepStrictEqual(read(split(bytes, places), { maxEventSize }), naive(bytes, maxEventSize))
        assert.deepStrictEqual(read(split(bytes, places)), naive(bytes, Infinity))
      }),
      { numRuns: 2000 }
    )
  })

  it("agrees with it on bytes that are not UTF-8, and byte by byte", () => {
    const bytes = FastCheck.array(
      FastCheck.oneof(FastCheck.nat(255), FastCheck.constantFrom(...utf8.encode("data: \r\n:"))),
      { maxLength: 60 }
    ).map((values) => Uint8Array.from([...utf8.encode("data: "), ...values]))
    FastCheck.assert(FastCheck.property(bytes, places, (bytes, places) => {
      const expected = naive(bytes, Infinity)
      assert.deepStrictEqual(read(split(bytes, places)), expected)
      assert.deepStrictEqual(read(Array.from(bytes, (byte) => Uint8Array.of(byte))), expected)
    }))
  })
})
