/** Reads an exchange with the public functions, and keeps their results. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as Endpoint from "../../../src/http/Endpoint.js"
import type { OpenRouterClient } from "../../../src/http/OpenRouterClient.js"
import type { ResponseInfo } from "../../../src/http/responseInfo.js"
import type { Row } from "../../../src/http/row.js"
import * as OpenRouter from "../../../src/index.js"
import type * as EventStream from "../../../src/stream/EventStream.js"
import { type Fields, isFields } from "../reading/json.js"
import { type Exchange, pathOf } from "./traffic.js"

export interface Outcome {
  /** Of a stream: its events, and the deltas of text and reasoning. */
  readonly events: ReadonlyArray<unknown>
  readonly pieces: { readonly text: string; readonly reasoning: string } | undefined
  /** The decoded response; `accumulate` builds that of a stream. */
  readonly result: unknown
  /** The text of the result. */
  readonly text: string | undefined
  readonly response: ResponseInfo | undefined
  readonly error: unknown
}

const nothing = { events: [], pieces: undefined, result: undefined, text: undefined, response: undefined }

type Read = (params: Fields) => Effect.Effect<Outcome, never, OpenRouterClient>

export interface Reader {
  readonly row: Row
  readonly read: Read
}

/** The types are not checked, because the API accepted the values when they were recorded. */
const isFor = <Params>(_: (params: Params) => unknown, params: Fields): params is Fields & Params => isFields(params)

const wholeOf = <Params, A, E>(row: Endpoint.Endpoint<Params, A, E>, text?: (answer: A) => string): Reader => ({
  row,
  read: (params) =>
    isFor(row, params)
      ? Effect.match(row.withResponse(params), {
        onFailure: (error) => ({ ...nothing, error }),
        onSuccess: ({ data, response }) => ({
          ...nothing,
          result: data,
          text: text?.(data),
          response,
          error: undefined
        })
      })
      : Effect.die(params)
})

type Deltas<Event> = <E>(events: Stream.Stream<Event, E>) => Stream.Stream<string, E>

interface Streaming<Event, Result> {
  readonly accumulate: <E>(events: Stream.Stream<Event, E>) => Effect.Effect<Result, unknown>
  readonly text?: (result: Result) => string
  readonly textDeltas?: Deltas<Event>
  readonly reasoningDeltas?: Deltas<Event>
}

const eventsOf = <Params, Event, E, Result>(
  row: EventStream.StreamEndpoint<Params, Event, unknown, E>,
  from?: Streaming<Event, Result>
): Reader => ({
  row,
  read: (params) =>
    Effect.gen(function*() {
      if (!isFor(row, params)) return yield* Effect.die(params)
      const events: Array<Event> = []
      let response: ResponseInfo | undefined
      const error = yield* Effect.scoped(Effect.gen(function*() {
        const opened = yield* row.withResponse(params)
        response = opened.response
        yield* Stream.runForEach(opened.data, (event) => Effect.sync(() => void events.push(event)))
      })).pipe(Effect.match({ onFailure: (error): unknown => error, onSuccess: () => undefined }))
      if (from === undefined) return { ...nothing, events, response, error }
      const again = Stream.fromIterable(events)
      const joined = (deltas: Deltas<Event> | undefined) =>
        deltas === undefined ? Effect.succeed("") : Stream.runFold(deltas(again), "", (all, piece) => all + piece)
      const pieces = {
        text: yield* joined(from.textDeltas),
        reasoning: yield* joined(from.reasoningDeltas)
      }
      if (error !== undefined) return { ...nothing, events, pieces, response, error }
      return yield* Effect.match(from.accumulate(again), {
        onFailure: (error) => ({ ...nothing, events, pieces, response, error }),
        onSuccess: (result) => ({ events, pieces, result, text: from.text?.(result), response, error })
      })
    })
})

const bytesOf = (row: Endpoint.BinaryEndpoint<Fields, unknown>): Reader => ({
  row,
  read: (params) =>
    Effect.scoped(Effect.gen(function*() {
      const { data, response } = yield* row.withResponse(params)
      const read = yield* Stream.runFold(data, Buffer.alloc(0), (all, piece) => Buffer.concat([all, piece]))
      return { ...nothing, result: new Uint8Array(read), response, error: undefined }
    })).pipe(Effect.catchAll((error) => Effect.succeed({ ...nothing, error })))
})

const { Chat, Images, Messages, Responses } = OpenRouter

const isRow = (u: unknown): u is Row => typeof u === "function" && "operationId" in u && "success" in u

const hasWhole = (row: Row): row is Row & Endpoint.Endpoint<Fields, unknown, unknown> =>
  row.success === "json" || row.success === "empty"

const hasEvents = (row: Row): row is Row & EventStream.StreamEndpoint<Fields, unknown, unknown, unknown> =>
  row.success === "sse"

const hasBytes = (row: Row): row is Row & Endpoint.BinaryEndpoint<Fields, unknown> => row.success === "binary"

const readerOf = (row: Row): ReadonlyArray<Reader> =>
  hasWhole(row) ? [wholeOf(row)] : hasEvents(row) ? [eventsOf(row)] : hasBytes(row) ? [bytesOf(row)] : []

/** A reader for each endpoint, with the helpers for inference. */
const readers: ReadonlyArray<Reader> = [
  wholeOf(Chat.send, Chat.text),
  eventsOf(Chat.stream, Chat),
  wholeOf(Responses.send, Responses.text),
  eventsOf(Responses.stream, Responses),
  wholeOf(Messages.send, Messages.text),
  eventsOf(Messages.stream, Messages),
  eventsOf(Images.stream, { accumulate: Images.accumulate }),
  ...Object.values(OpenRouter).flatMap((module) => Object.values(module)).filter(isRow).flatMap(readerOf)
]

/** The values of a path's parameters, or undefined where the path is not of this form. */
const pathParams = (template: string, path: string): Fields | undefined => {
  const names = template.split("/")
  const values = path.split("/")
  if (names.length !== values.length) return undefined
  const pairs = names.map((name, i) => [name, decodeURIComponent(values[i] ?? "")] as const)
  return pairs.every(([name, value]) => name === value || name.startsWith("{"))
    ? Object.fromEntries(
      pairs.filter(([name]) => name.startsWith("{")).map(([name, value]) => [name.slice(1, -1), value])
    )
    : undefined
}

/** The endpoint that an exchange belongs to, read whole or as a stream. */
export const readerFor = (exchange: Exchange, stream: boolean): Reader | undefined => {
  const fitting = readers.filter(({ row }) =>
    row.method === exchange.method && (row.success === "sse") === stream &&
    pathParams(row.path, pathOf(exchange.url)) !== undefined
  )
  return fitting.find(({ row }) => (row.body === "multipart") === exchange.upload) ?? fitting[0]
}

/** The parameters that send the recorded request. */
export const paramsFor = (row: Row, exchange: Exchange): Fields => {
  const { stream: _, ...body } = exchange.request ?? {}
  const query = row.query.filter((name) => exchange.url.searchParams.has(name))
    .map((name) => [name, exchange.url.searchParams.get(name)])
  return {
    ...body,
    ...Object.fromEntries(query),
    ...pathParams(row.path, pathOf(exchange.url)),
    ...(row.body === "multipart" ? { file: new Uint8Array([1, 2, 3]), model: "acme/ear" } : {})
  }
}
