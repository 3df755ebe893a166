/** Builds a chat completion from its chunks. */
import { type Fields, fields, grouped, isFields, joined, latest, list, objects, text } from "./json.js"

export const wholeCompletion = (chunks: ReadonlyArray<Fields>): Fields => {
  const parts = chunks.flatMap((chunk) => objects(chunk["choices"]))
  const indexes = [...new Set(parts.map(indexOf))].sort((a, b) => a - b)
  return {
    ...latest(chunks, ["choices", "object", "error", "user_id", "debug"]),
    object: "chat.completion",
    choices: indexes.map((index) => choice(index, parts.filter((part) => indexOf(part) === index)))
  }
}

const indexOf = (part: Fields): number => typeof part["index"] === "number" ? part["index"] : 0

const choice = (index: number, parts: ReadonlyArray<Fields>): Fields => {
  const deltas = parts.map((part) => fields(part["delta"]))
  const arrays = (key: string) => {
    const found = deltas.filter((delta) => Array.isArray(delta[key]))
    return found.length === 0 ? undefined : found.flatMap((delta) => list(delta[key]))
  }
  const pieces = arrays("tool_calls")
  const details = arrays("reasoning_details")
  const audio = deltas.map((delta) => delta["audio"]).filter(isFields)
  return {
    ...latest(parts, ["index", "delta", "logprobs", "error"]),
    ...(pieces !== undefined && latest(parts)["finish_reason"] === "stop" ? endOfCalls(parts) : {}),
    index,
    logprobs: logprobs(parts.map((part) => part["logprobs"]).filter(isFields)),
    message: {
      ...unknown(deltas),
      role: "assistant",
      content: joined(deltas, "content"),
      refusal: joined(deltas, "refusal"),
      reasoning: joined(deltas, "reasoning"),
      reasoning_details: details && reasoningDetails(details.filter(isFields)),
      tool_calls: pieces && toolCalls(pieces.filter(isFields)),
      annotations: arrays("annotations"),
      images: arrays("images"),
      audio: audio.length === 0
        ? undefined
        : { ...latest(audio), data: joined(audio, "data"), transcript: joined(audio, "transcript") }
    }
  }
}

const known = new Set([
  "role",
  "content",
  "refusal",
  "reasoning",
  "reasoning_content",
  "reasoning_details",
  "tool_calls",
  "annotations",
  "images",
  "audio"
])

/** Texts of fields that nobody knows are joined, if they are not the same in each delta. */
const unknown = (deltas: ReadonlyArray<Fields>): Fields =>
  Object.fromEntries(
    Object.entries(latest(deltas, [...known])).map(([key, value]) => {
      const texts = new Set(deltas.map((delta) => delta[key]).filter((said) => said !== undefined))
      return [key, typeof value === "string" && texts.size > 1 ? joined(deltas, key) : value]
    })
  )

/** A response with calls ended with them, also where a plain end follows. */
const endOfCalls = (parts: ReadonlyArray<Fields>): Fields =>
  parts.some((part) => part["finish_reason"] === "tool_calls") ? { finish_reason: "tool_calls" } : {}

/** Fragments are joined by index; a fragment with its own name and id begins another call. */
const toolCalls = (fragments: ReadonlyArray<Fields>): ReadonlyArray<Fields> => {
  const calls: Array<{ readonly index: number; readonly fragments: Array<Fields> }> = []
  for (const fragment of fragments) {
    const index = indexOf(fragment)
    const open = calls.findLast((call) => call.index === index)
    const id = text(fragment["id"])
    const openId = open?.fragments.map((earlier) => text(earlier["id"])).find((earlier) => earlier !== undefined)
    const begins = id !== undefined && openId !== undefined && id !== openId && name(fragment) !== undefined
    if (open === undefined || begins) calls.push({ index, fragments: [fragment] })
    else open.fragments.push(fragment)
  }
  return calls.map((call) => ({
    ...latest(call.fragments, ["function"]),
    type: latest(call.fragments)["type"] ?? "function",
    function: {
      ...latest(call.fragments.map((fragment) => fields(fragment["function"]))),
      arguments: joined(call.fragments.map((fragment) => fields(fragment["function"])), "arguments") ?? ""
    }
  }))
}

const name = (fragment: Fields): string | undefined => text(fields(fragment["function"])["name"])

const inFragments: Readonly<Record<string, string>> = { "reasoning.text": "text", "reasoning.summary": "summary" }

/** Texts and summaries come as fragments, joined by type and index; other details come whole. */
const reasoningDetails = (pieces: ReadonlyArray<Fields>): ReadonlyArray<Fields> => {
  const keyed = pieces.map((piece, position) => {
    const fragmented = inFragments[String(piece["type"])] !== undefined
    const own = fragmented ? "" : text(piece["id"]) ?? `#${position}`
    return { key: JSON.stringify([piece["type"], piece["index"], own]), piece }
  })
  return grouped(keyed, ({ key }) => key).map((group) => {
    const found = group.map(({ piece }) => piece)
    const key = inFragments[String(found[0]?.["type"])]
    const whole = latest(found)
    const said = key === undefined ? undefined : joined(found, key)
    return key === undefined || said === undefined ? whole : { ...whole, [key]: said }
  })
}

const logprobs = (pieces: ReadonlyArray<Fields>): Fields | undefined =>
  pieces.length === 0 ? undefined : Object.fromEntries(
    Object.entries(latest(pieces)).map(([key, value]) => [
      key,
      Array.isArray(value) ? pieces.flatMap((piece) => list(piece[key])) : value
    ])
  )

export const delta = (chunk: unknown): Fields =>
  fields(objects(fields(chunk)["choices"]).find((part) => indexOf(part) === 0)?.["delta"])

/** The readable reasoning: the plain field, or the details if only they have it. */
export const readableReasoning = (piece: Fields): string =>
  text(piece["reasoning"]) ?? objects(piece["reasoning_details"])
    .map((detail) => text(detail[inFragments[String(detail["type"])] ?? ""]) ?? "").join("")
