/** Builds a response of the Responses API from its events. */
import { type Fields, fields, isFields, joined, list, objects } from "./json.js"

const statesTheResponse = ["created", "in_progress", "completed", "incomplete", "failed"].map((name) =>
  `response.${name}`
)

export const isEnd = (event: unknown): boolean =>
  ["response.completed", "response.incomplete"].includes(String(fields(event)["type"]))

/** The response of the last event; if it lists no items, those of the earlier events. */
export const wholeResponse = (events: ReadonlyArray<Fields>): Fields => {
  const stated = events.filter((event) => statesTheResponse.includes(String(event["type"])))
    .map((event) => event["response"]).filter(isFields)
  const response = stated.at(-1) ?? { object: "response" }
  const items = told(events)
  const output = response["output"]
  return list(output).length > 0 || (items.length === 0 && Array.isArray(output))
    ? response
    : { ...response, output: items }
}

/** Whether each item that was begun is finished. */
export const areFinished = (events: ReadonlyArray<Fields>): boolean => {
  const states = events.filter((event) => /output_item\.(added|done)$/.test(String(event["type"])))
  const last = new Map(states.map((event) => [event["output_index"], String(event["type"])]))
  return last.size > 0 && [...last.values()].every((type) => type.endsWith("done"))
}

/** The items of the events, by output index. */
export const told = (events: ReadonlyArray<Fields>): ReadonlyArray<Fields> => {
  const places = [...new Set(events.map((event) => event["output_index"]).filter((n) => typeof n === "number"))]
  return places.sort((a, b) => a - b).flatMap((place) => {
    const own = events.filter((event) => event["output_index"] === place)
    const states = own.filter((event) => /output_item\.(added|done)$/.test(String(event["type"])))
    const state = states.at(-1)
    if (!isFields(state?.["item"])) return []
    // The finished item is complete
    if (String(state["type"]).endsWith("done")) return [state["item"]]
    return [unfinished(state["item"], own)]
  })
}

const unfinished = (item: Fields, events: ReadonlyArray<Fields>): Fields => {
  const input = inputs.find(({ about }) => events.some((event) => event["type"] === `response.${about}.delta`))
  const content = parts(events, "content_index", "content")
  const summary = parts(events, "summary_index", "summary")
  return {
    ...item,
    ...(content.length === 0 ? {} : { content }),
    ...(summary.length === 0 ? {} : { summary }),
    ...(input === undefined ? {} : { [input.field]: joined(ofType(events, `response.${input.about}.delta`), "delta") })
  }
}

const inputs = [
  { about: "function_call_arguments", field: "arguments" },
  { about: "custom_tool_call_input", field: "input" }
]

const ofType = (events: ReadonlyArray<Fields>, type: string) => events.filter((event) => event["type"] === type)

const texts: Readonly<Record<string, { readonly type: string; readonly key: string }>> = {
  "response.output_text.delta": { type: "output_text", key: "text" },
  "response.refusal.delta": { type: "refusal", key: "refusal" },
  "response.reasoning_text.delta": { type: "reasoning_text", key: "text" },
  "response.reasoning_summary_text.delta": { type: "summary_text", key: "text" }
}

const parts = (events: ReadonlyArray<Fields>, index: string, list: "content" | "summary"): ReadonlyArray<Fields> => {
  const told = events.filter((event) => typeof event[index] === "number")
  const own = told.filter((event) =>
    String(event["type"]).includes("summary") ? list === "summary" : list === "content"
  )
  const places = [...new Set(own.map((event) => Number(event[index])))].sort((a, b) => a - b)
  return places.map((place) => {
    const here = own.filter((event) => event[index] === place)
    const whole = here.findLast((event) => String(event["type"]).endsWith("part.done"))
    if (isFields(whole?.["part"])) return whole["part"]
    const pieces = here.filter((event) => texts[String(event["type"])] !== undefined)
    const kind = texts[String(pieces[0]?.["type"])]
    const begun = fields(here.find((event) => String(event["type"]).endsWith("part.added"))?.["part"])
    const annotations = ofType(here, "response.output_text.annotation.added").map((event) => event["annotation"])
    return {
      ...(kind === undefined ? {} : { type: kind.type, [kind.key]: joined(pieces, "delta") }),
      ...begun,
      ...(kind === undefined ? {} : { [kind.key]: joined(pieces, "delta") }),
      ...(annotations.length === 0 ? {} : { annotations })
    }
  })
}

export const textPieces = (events: ReadonlyArray<Fields>): string =>
  joined(ofType(events, "response.output_text.delta"), "delta") ?? ""

export const reasoningPieces = (events: ReadonlyArray<Fields>): string =>
  joined(
    events.filter((event) => /^response\.reasoning(_text|_summary_text)?\.delta$/.test(String(event["type"]))),
    "delta"
  ) ?? ""

export const outputText = (response: Fields): string =>
  objects(response["output"]).filter((item) => item["type"] === "message")
    .map((item) => joined(objects(item["content"]), "text") ?? "").join("")
