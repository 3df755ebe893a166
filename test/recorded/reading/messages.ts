/** Builds an Anthropic message from its events. */
import { type Fields, fields, isFields, joined, latest, objects, parse } from "./json.js"

export const wholeMessage = (events: ReadonlyArray<Fields>): Fields => {
  const ofType = (type: string) => events.filter((event) => event["type"] === type)
  const start = fields(ofType("message_start").at(-1)?.["message"])
  const ends = ofType("message_delta")
  const begun = [
    ...objects(start["content"]).map((block, index) => ({ block, index })),
    ...ofType("content_block_start")
      .map((event) => ({ block: fields(event["content_block"]), index: event["index"] }))
  ]
  return {
    type: "message",
    role: "assistant",
    ...latest([start, ...ends.map((end) => fields(end["delta"]))], ["content", "usage"]),
    content: begun.map(({ block, index }) =>
      content(block, ofType("content_block_delta").filter((event) => event["index"] === index))
    ),
    usage: latest([fields(start["usage"]), ...ends.map((end) => fields(end["usage"]))])
  }
}

const content = (block: Fields, events: ReadonlyArray<Fields>): Fields => {
  const deltas = events.map((event) => event["delta"]).filter(isFields)
  const ofType = (type: string) => deltas.filter((delta) => delta["type"] === type)
  const grown = (type: string, key: string) =>
    ofType(type).length === 0 ? {} : { [key]: joined([block, ...ofType(type)], key) }
  const input = joined(ofType("input_json_delta"), "partial_json") ?? ""
  const citations = ofType("citations_delta").map((delta) => delta["citation"])
  return {
    ...block,
    ...grown("text_delta", "text"),
    ...grown("thinking_delta", "thinking"),
    ...latest(ofType("signature_delta"), ["type"]),
    ...(citations.length === 0 ? {} : { citations }),
    ...(input === "" ? {} : { input: (parse(input) ?? { value: input }).value })
  }
}

const pieces = (events: ReadonlyArray<Fields>, type: string, key: string): string =>
  events.map((event) => fields(event["delta"])).filter((delta) => delta["type"] === type)
    .map((delta) => String(delta[key] ?? "")).join("")

export const textPieces = (events: ReadonlyArray<Fields>): string => pieces(events, "text_delta", "text")

export const reasoningPieces = (events: ReadonlyArray<Fields>): string => pieces(events, "thinking_delta", "thinking")

export const messageText = (message: Fields): string =>
  joined(objects(message["content"]).filter((block) => block["type"] === "text"), "text") ?? ""
