/** When a response is complete: of one choice or image, and of several. */
import { assert, describe, it } from "@effect/vitest"
import * as ChatProtocol from "../../src/response/chatProtocol.js"
import * as CompletionsProtocol from "../../src/response/completionsProtocol.js"
import * as ImagesProtocol from "../../src/response/imagesProtocol.js"
import * as InternsProtocol from "../../src/response/internsProtocol.js"
import * as MessagesProtocol from "../../src/response/messagesProtocol.js"
import type { Completeness, Protocol } from "../../src/response/protocol.js"
import * as ResponsesProtocol from "../../src/response/responsesProtocol.js"
import { chunk, finishChunk, textChunk, usage } from "../support/events.js"

const after = <Event, Result>(
  protocol: Protocol<Event, Result>,
  events: ReadonlyArray<unknown>,
  { count, ended = false }: { readonly count?: number; readonly ended?: boolean } = {}
) => {
  const accumulator = protocol.accumulator(count)
  for (const event of events) accumulator.add(event)
  if (ended) accumulator.end()
  return accumulator
}

type Case = readonly [title: string, events: ReadonlyArray<unknown>, atEof: Completeness, atDone: Completeness]

const holds = <Event, Result>(protocol: Protocol<Event, Result>, cases: ReadonlyArray<Case>, count?: number) => {
  it.each(cases)("%s", (_, events, atEof, atDone) => {
    const verdicts = [false, true].map((ended) => {
      const accumulator = after(protocol, events, count === undefined ? { ended } : { count, ended })
      const completeness = accumulator.completeness()
      const isComplete = completeness === "whole" || completeness === "settled"
      assert.strictEqual(accumulator.result() !== undefined, isComplete)
      return completeness
    })
    assert.deepStrictEqual(verdicts, [atEof, atDone])
  })
}

const of = (index: number, text: string, finish: string | null = null) => ({
  ...chunk({}),
  choices: [{ index, text, delta: { content: text }, finish_reason: finish }]
})

const usageChunk = { ...chunk({}), choices: [], usage }
const emptyUsage = chunk({ content: "" }, null, { usage })

const ofChoices: ReadonlyArray<Case> = [
  ["nothing", [], "open", "open"],
  ["text", [of(0, "a")], "open", "open"],
  ["a finish reason", [of(0, "a", "stop")], "whole", "settled"],
  ["a finish reason and the usage", [of(0, "a", "stop"), usageChunk], "settled", "settled"],
  ["text and the usage", [of(0, "a"), usageChunk], "settled", "settled"],
  ["the usage of an empty response", [emptyUsage], "open", "settled"],
  ["usage beside text", [{ ...of(0, "a"), usage }], "open", "settled"],
  ["text after usage", [usageChunk, of(0, "a")], "open", "settled"],
  ["one of two choices finished", [of(0, "a", "stop"), of(1, "b")], "open", "settled"],
  ["one of two choices finished, the other first", [of(1, "b"), of(0, "a", "stop")], "open", "settled"],
  ["two choices finished", [of(0, "a"), of(1, "b", "stop"), of(0, "", "length")], "whole", "settled"]
]

describe("a chat completion is complete after", () => {
  holds(ChatProtocol.protocol, ofChoices)
})

describe("a text completion is complete after", () => {
  holds(CompletionsProtocol.protocol, ofChoices)
})

describe("a conversation with an intern is complete after", () => {
  holds(InternsProtocol.protocol, [
    ...ofChoices,
    ["a message to a turn that runs", [{ session_id: "s", status: "steered" }], "settled", "settled"]
  ])
})

describe("of two requested choices", () => {
  holds(ChatProtocol.protocol, [
    ["one is finished", [of(0, "a", "stop")], "open", "settled"],
    ["one is finished, and the usage is known", [of(0, "a", "stop"), usageChunk], "settled", "settled"],
    ["both are finished", [of(0, "a", "stop"), of(1, "b", "stop")], "whole", "settled"]
  ], 2)
})

const preview = { type: "image_generation.partial_image", b64_json: "A", partial_image_index: 0 }
const image = { type: "image_generation.completed", b64_json: "AA", created: 1 }

describe("images are complete after", () => {
  holds(ImagesProtocol.protocol, [
    ["a preview", [preview], "open", "open"],
    ["an image", [preview, image], "settled", "settled"],
    ["an image and the preview of another", [preview, image, preview], "open", "settled"]
  ])
})

describe("two requested images are complete after", () => {
  holds(ImagesProtocol.protocol, [
    ["one", [preview, image], "open", "settled"],
    ["both", [preview, image, image], "settled", "settled"]
  ], 2)
})

const start = { type: "message_start", message: { id: "gen-1", model: "m", content: [], usage: {} } }
const stopReason = { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: {} }

describe("a message is complete after", () => {
  holds(MessagesProtocol.protocol, [
    ["its start", [start], "open", "open"],
    ["its stop reason", [start, stopReason], "unconfirmed", "unconfirmed"],
    ["its stop", [start, stopReason, { type: "message_stop" }], "settled", "settled"]
  ])
})

const created = { type: "response.created", response: { id: "gen-1", model: "m", output: [] } }
const item = (type: "added" | "done", output_index: number) => ({
  type: `response.output_item.${type}`,
  output_index,
  item: { type: "message", id: `msg_${output_index}`, role: "assistant", content: [] }
})

describe("a response is complete after", () => {
  holds(ResponsesProtocol.protocol, [
    ["its creation", [created], "open", "open"],
    ["an item that goes on", [created, item("added", 0)], "open", "open"],
    ["all its items", [created, item("added", 0), item("done", 0)], "unconfirmed", "unconfirmed"],
    ["some of its items", [created, item("done", 0), item("added", 1)], "open", "open"],
    ["its last event", [created, { ...created, type: "response.completed" }], "settled", "settled"]
  ])
})

describe("after an error", () => {
  const protocols: ReadonlyArray<readonly [Protocol<unknown, unknown>, ReadonlyArray<unknown>]> = [
    [ChatProtocol.protocol, [textChunk("a"), { ...finishChunk, usage }]],
    [CompletionsProtocol.protocol, [of(0, "a"), { ...of(0, "b", "stop"), id: "gen-1", model: "test/model", usage }]],
    [ImagesProtocol.protocol, [preview, { ...image, id: "gen-1", model: "test/model", usage }]],
    [InternsProtocol.protocol, [textChunk("a"), { ...finishChunk, usage }]],
    [MessagesProtocol.protocol, [
      { ...start, message: { ...start.message, id: "gen-1", model: "test/model" } },
      { ...stopReason, usage: { input_tokens: 7, output_tokens: 3, cost: 0.5 } }
    ]],
    [ResponsesProtocol.protocol, [created, {
      type: "response.completed",
      response: {
        id: "gen-1",
        model: "test/model",
        output: [item("done", 0).item],
        usage: { input_tokens: 7, output_tokens: 3, cost: 0.5 }
      }
    }]]
  ]
  it.each(protocols.map(([protocol, events]) => [protocol.name, protocol, events] as const))(
    "%s adds only ids and usage",
    (_, protocol, [first, last]) => {
      const accumulator = protocol.accumulator()
      accumulator.add(first)
      const before = accumulator.partial()
      accumulator.addUsage(last)
      const { result: __, ...partial } = accumulator.partial()
      assert.include(partial, {
        text: before.text,
        finishReason: before.finishReason,
        generationId: "gen-1",
        model: "test/model",
        inputTokens: 7,
        outputTokens: 3,
        cost: 0.5
      })
      assert.isUndefined(accumulator.result())
    }
  )
})
