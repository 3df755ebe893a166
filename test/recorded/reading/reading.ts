/**
 * Reads a recorded exchange from its bytes, by the rules of the wire. It does not use the library, because the library is
 * compared with it.
 */
import * as Chat from "./chat.js"
import { errorIn, type Failure, failure, silenceIn } from "./failure.js"
import * as Images from "./images.js"
import { type Fields, fields, isFields, joined, latest, number, objects, parse, text } from "./json.js"
import * as Messages from "./messages.js"
import * as Responses from "./responses.js"
import { events } from "./sse.js"

export type Api = "chat" | "responses" | "messages" | "images" | "other"

/** The APIs whose responses are read in detail, by path. */
export const apis: Readonly<Record<string, Api>> = {
  "/chat/completions": "chat",
  "/responses": "responses",
  "/messages": "messages",
  "/images": "images"
}

export interface Source {
  readonly api: Api
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** The time of the response, in milliseconds since the epoch. */
  readonly now: number
}

/** The facts of any response, also of a partial one. */
export interface Summary {
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: ReadonlyArray<{ readonly id: string; readonly name: string; readonly arguments: string }>
  readonly finishReason: string | undefined
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
  readonly cost: number | undefined
  readonly generationId: string | undefined
  readonly model: string | undefined
}

export interface Reading {
  /** The response as a call without streaming returns it, or the partial response of a failure. */
  readonly whole: unknown
  readonly summary: Summary
  /** The events before an error; of a stream only. */
  readonly events: ReadonlyArray<unknown> | undefined
  /** The accumulated response of a stream. */
  readonly pieces: { readonly text: string; readonly reasoning: string } | undefined
  /** Whether a stream that failed had all of its items, and only its last event is missing. */
  readonly hasAllItems?: boolean
  /** The failure: an error of the API, or a broken response. */
  readonly failure: Failure | "unreadable" | "truncated" | undefined
}

export const readJson = (source: Source): Reading => {
  const json = parse(new TextDecoder().decode(source.body))
  const http = { headers: source.headers, now: source.now }
  const nothing = { events: undefined, pieces: undefined }
  if (source.status >= 400) {
    return { ...nothing, ...answer("other", {}), failure: failure(json?.value, { ...http, status: source.status }) }
  }
  if (json === undefined) return { ...nothing, ...answer("other", {}), failure: "unreadable" }
  const error = errorIn(json.value) ?? silenceIn(json.value)
  return {
    ...nothing,
    ...answer(source.api, json.value),
    failure: error === undefined ? undefined : failure(error, http)
  }
}

/** A binary body. */
export const readBytes = (source: Source): Reading => ({
  ...answer("other", new Uint8Array(source.body)),
  events: undefined,
  pieces: undefined,
  failure: undefined
})

export const readStream = (source: Source): Reading => {
  const { done, events: all, garbage } = events(source.body)
  const at = all.findIndex((event) => errorIn(event) !== undefined)
  const good = at === -1 ? all : all.slice(0, at)
  // After an error, only ids and usage belong to the response
  const later = at === -1 ? [] : all.slice(at + 1)
  const whole = withUsage(wholes[source.api](all.slice(0, all.length - later.length).filter(isFields)), later)
  const error = at !== -1 ? errorIn(all[at]) : done ? silenceIn(whole) : undefined
  return {
    ...answer(source.api, whole),
    events: good,
    pieces: pieces[source.api](good.filter(isFields)),
    hasAllItems: source.api === "responses" && Responses.areFinished(good.filter(isFields)),
    failure: error !== undefined
      ? failure(error, { now: source.now })
      : garbage
      ? "unreadable"
      : done && doneEnds.has(source.api) || good.some((event) => ended[source.api](event))
      ? undefined
      : "truncated"
  }
}

const withUsage = (whole: Fields, events: ReadonlyArray<unknown>): Fields => {
  const facts = events.flatMap((event) => [event, fields(event)["response"], fields(event)["message"]]).filter(isFields)
    .map(({ id, model, provider, usage }) => ({ id, model, provider, usage }))
  const usages = [whole, ...facts].map(({ usage }) => usage).filter(isFields)
  return facts.length === 0
    ? whole
    : { ...whole, ...latest([whole, ...facts], ["usage"]), ...(usages.length === 0 ? {} : { usage: latest(usages) }) }
}

const wholes: Readonly<Record<Api, (events: ReadonlyArray<Fields>) => Fields>> = {
  chat: Chat.wholeCompletion,
  responses: Responses.wholeResponse,
  messages: Messages.wholeMessage,
  images: Images.wholeImages,
  other: () => ({})
}

const pieces: Readonly<Record<Api, (events: ReadonlyArray<Fields>) => { text: string; reasoning: string }>> = {
  chat: (chunks) => ({
    text: joined(chunks.map(Chat.delta), "content") ?? "",
    reasoning: chunks.map((chunk) => Chat.readableReasoning(Chat.delta(chunk))).join("")
  }),
  responses: (events) => ({ text: Responses.textPieces(events), reasoning: Responses.reasoningPieces(events) }),
  messages: (events) => ({ text: Messages.textPieces(events), reasoning: Messages.reasoningPieces(events) }),
  images: () => ({ text: "", reasoning: "" }),
  other: () => ({ text: "", reasoning: "" })
}

/** A response that `[DONE]` ends before a terminal event. */
const doneEnds: ReadonlySet<Api> = new Set<Api>(["chat", "other"])

const ended: Readonly<Record<Api, (event: unknown) => boolean>> = {
  chat: (chunk) => objects(fields(chunk)["choices"]).some((choice) => text(choice["finish_reason"]) !== undefined),
  responses: Responses.isEnd,
  messages: (event) => fields(event)["type"] === "message_stop",
  images: (event) => Images.isEnd(fields(event)),
  other: () => true
}

const answer = (api: Api, whole: unknown): { readonly whole: unknown; readonly summary: Summary } => {
  const body = fields(whole)
  const usage = fields(body["usage"])
  return {
    whole,
    summary: {
      ...said[api](body),
      inputTokens: number(usage["prompt_tokens"]) ?? number(usage["input_tokens"]),
      outputTokens: number(usage["completion_tokens"]) ?? number(usage["output_tokens"]),
      cost: number(usage["cost"]),
      generationId: text(body["id"]),
      model: text(body["model"])
    }
  }
}

const nothing = { text: "", reasoning: "", toolCalls: [], finishReason: undefined }

type Said = Pick<Summary, "text" | "reasoning" | "toolCalls" | "finishReason">

const said: Readonly<Record<Api, (body: Fields) => Said>> = {
  chat: (body) => {
    const choice = objects(body["choices"])[0] ?? {}
    const message = fields(choice["message"])
    return {
      text: text(message["content"]) ?? "",
      reasoning: text(message["reasoning"]) ?? "",
      toolCalls: objects(message["tool_calls"]).map((call) => ({
        id: text(call["id"]) ?? "",
        name: text(fields(call["function"])["name"]) ?? "",
        arguments: text(fields(call["function"])["arguments"]) ?? ""
      })),
      finishReason: text(choice["finish_reason"])
    }
  },
  responses: (body) => {
    const items = (type: string) => objects(body["output"]).filter((item) => item["type"] === type)
    return {
      text: Responses.outputText(body),
      reasoning: items("reasoning")
        .map((item) => joined([...objects(item["summary"]), ...objects(item["content"])], "text") ?? "").join(""),
      toolCalls: items("function_call").map((item) => ({
        id: text(item["call_id"]) ?? "",
        name: text(item["name"]) ?? "",
        arguments: text(item["arguments"]) ?? ""
      })),
      finishReason: text(fields(body["incomplete_details"])["reason"]) ?? text(body["status"])
    }
  },
  messages: (body) => {
    const blocks = (type: string) => objects(body["content"]).filter((block) => block["type"] === type)
    return {
      text: Messages.messageText(body),
      reasoning: joined(blocks("thinking"), "thinking") ?? "",
      toolCalls: blocks("tool_use").map((block) => ({
        id: text(block["id"]) ?? "",
        name: text(block["name"]) ?? "",
        arguments: typeof block["input"] === "string" ? block["input"] : JSON.stringify(block["input"] ?? {})
      })),
      finishReason: text(body["stop_reason"])
    }
  },
  images: () => nothing,
  other: () => nothing
}
