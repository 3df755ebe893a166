/** The cost of a stream grows in proportion to its content. */
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as ChatProtocol from "../../src/response/chatProtocol.js"
import * as MessagesProtocol from "../../src/response/messagesProtocol.js"
import type { Protocol } from "../../src/response/protocol.js"
import * as ResponsesProtocol from "../../src/response/responsesProtocol.js"
import * as Sse from "../../src/response/sse.js"
import { chunk, decodeChat, done, encode, finishChunk, reads, sse, textChunk } from "../support/events.js"
import { assertLinear } from "./work.js"

const times = <A>(size: number, make: (index: number) => A): ReadonlyArray<A> =>
  Array.from({ length: size }, (_, index) => make(index))

const words = (size: number): ReadonlyArray<string> => times(size, (index) => sse(textChunk(` word${index}`)))

const read = (...texts: ReadonlyArray<string>) => Stream.runDrain(reads(...texts).pipe(decodeChat()))

describe("the cost of a stream grows in proportion to", () => {
  it.effect("its events, one per read", () => assertLinear(250, (size) => read(...words(size), sse(finishChunk), done)))

  it.effect("its events in one read", () =>
    assertLinear(250, (size) => read(words(size).join("") + sse(finishChunk) + done)))

  it.effect("the size of one event, in small reads", () =>
    assertLinear(10_000, (size) =>
      Effect.sync(() => {
        const parser = Sse.makeParser()
        const bytes = encode(sse("x".repeat(size)))
        for (let from = 0; from < bytes.length; from += 10) parser.push(bytes.subarray(from, from + 10))
      })))

  it.effect("the lines of one event", () =>
    assertLinear(1000, (size) =>
      Effect.sync(() => {
        const parser = Sse.makeParser()
        for (let i = 0; i < size; i++) parser.push(encode(`data: ${i}\n`))
        parser.push(encode("\n"))
      })))

  it.effect("its comments", () =>
    assertLinear(
      250,
      (size) => read(...times(size, () => ": OPENROUTER PROCESSING\n\n"), sse(textChunk("a"), finishChunk), done)
    ))
})

const addsUp = <Event, Result>(
  protocol: Protocol<Event, Result>,
  first: ReadonlyArray<unknown>,
  event: (index: number) => unknown
) =>
  assertLinear(250, (size) =>
    Effect.sync(() => {
      const accumulator = protocol.accumulator()
      for (const one of first) accumulator.add(one)
      for (let i = 0; i < size; i++) accumulator.add(event(i))
      accumulator.result()
      return JSON.stringify(accumulator.partial())
    }))

const callPiece = (index: number, rest: object = {}) => ({
  tool_calls: [{ index, ...rest, function: { arguments: "1" } }]
})

describe("the cost to accumulate a chat grows in proportion to", () => {
  const adds = (delta: (index: number) => object) => addsUp(ChatProtocol.protocol, [], (index) => chunk(delta(index)))

  it.effect("its text", () => adds((index) => ({ content: ` word${index}` })))

  it.effect("its reasoning", () =>
    adds((index) => ({ reasoning_details: [{ type: "reasoning.text", text: ` ${index}`, index: 0 }] })))

  it.effect("the arguments of one call", () => adds(() => callPiece(0)))

  it.effect("its calls", () => adds((index) => callPiece(index, { id: `call_${index}`, type: "function" })))

  it.effect("its citations", () =>
    adds((index) => ({
      annotations: [{ type: "url_citation", url_citation: { url: `https://example.com/${index}` } }]
    })))

  it.effect("its calls of one index", () =>
    adds((index) => ({ tool_calls: [{ index: 0, id: `call_${index}`, function: { name: "f", arguments: "{}" } }] })))

  it.effect("its details", () =>
    adds((index) => ({ reasoning_details: [{ type: "reasoning.text", text: "a", index }] })))

  it.effect("its encrypted details", () =>
    adds((index) => ({ reasoning_details: [{ type: "reasoning.encrypted", data: "a", id: `rs_${index}`, index: 0 }] })))

  it.effect("its images", () => adds((index) => ({ images: [{ type: "image_url", image_url: { url: "u" }, index }] })))

  it.effect("the parts of its content", () => adds((index) => ({ content: [{ type: "text", text: `${index}` }] })))

  it.effect("its unknown fields", () => adds((index) => ({ novelty: `${index}`, list: [index] })))

  it.effect("its choices", () =>
    addsUp(ChatProtocol.protocol, [], (index) => ({ ...chunk({}), choices: [{ index, delta: { content: "a" } }] })))
})

describe("the cost to accumulate a response grows in proportion to", () => {
  const created = { type: "response.created", response: { id: "gen-1", model: "test/model", output: [] } }
  const added = (index: number) => ({
    type: "response.output_item.added",
    output_index: index,
    item: { id: `msg_${index}`, type: "message", role: "assistant", status: "in_progress", content: [] }
  })
  const adds = (first: ReadonlyArray<unknown>, event: (index: number) => unknown) =>
    addsUp(ResponsesProtocol.protocol, [created, ...first], event)

  it.effect("its text", () =>
    adds([added(0)], (index) => ({
      type: "response.output_text.delta",
      output_index: 0,
      item_id: "msg_0",
      content_index: 0,
      delta: ` word${index}`
    })))

  it.effect("its parts", () =>
    adds([added(0)], (index) => ({
      type: "response.output_text.delta",
      output_index: 0,
      item_id: "msg_0",
      content_index: index,
      delta: "a"
    })))

  it.effect("its citations", () =>
    adds([added(0)], (index) => ({
      type: "response.output_text.annotation.added",
      output_index: 0,
      content_index: 0,
      annotation: { type: "url_citation", url: `https://example.com/${index}` }
    })))

  it.effect("its items", () => adds([], added))

  it.effect("its items of one index", () => adds([], (index) => ({ ...added(index), output_index: 0 })))

  it.effect("its items that no event announced", () =>
    adds(
      [],
      (index) => ({ type: "response.output_text.delta", output_index: index, item_id: `m_${index}`, delta: "a" })
    ))

  it.effect("the items of its last event", () =>
    assertLinear(250, (size) =>
      Effect.sync(() => {
        const accumulator = ResponsesProtocol.protocol.accumulator()
        const items = times(size, added)
        for (const one of items) accumulator.add(one)
        accumulator.add({ type: "response.completed", response: { output: items.map(({ item }) => item) } })
        return JSON.stringify(accumulator.result())
      })))
})

describe("the cost to accumulate a message grows in proportion to", () => {
  const start = {
    type: "message_start",
    message: { id: "gen-1", type: "message", role: "assistant", content: [], model: "test/model", usage: {} }
  }

  it.effect("its text", () =>
    addsUp(
      MessagesProtocol.protocol,
      [start, { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }],
      (index) => ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: ` word${index}` } })
    ))

  it.effect("its blocks", () =>
    addsUp(
      MessagesProtocol.protocol,
      [start],
      (index) => ({ type: "content_block_start", index, content_block: { type: "text", text: "a" } })
    ))

  it.effect("its citations", () =>
    addsUp(
      MessagesProtocol.protocol,
      [start, { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }],
      (index) => ({
        type: "content_block_delta",
        index: 0,
        delta: { type: "citations_delta", citation: { url: index } }
      })
    ))
})
