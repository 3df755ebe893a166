/** Server-sent events as the body of a response. */
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Duration from "effect/Duration"
import * as Stream from "effect/Stream"
import { mapBatches } from "../../internal/effect/batches.js"

/**
 * One event. A line break in its data begins another line of data, as the format asks for.
 *
 * @internal
 */
export const eventText = (data: string, event?: string | undefined, id?: string | undefined): string =>
  (event === undefined ? "" : `event: ${oneLine(event)}\n`) +
  (id === undefined ? "" : `id: ${oneLine(id)}\n`) +
  data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`).join("") + "\n"

/** A line break would begin another field. */
const oneLine = (text: string): string => text.replaceAll(/[\r\n]/g, " ")

const comment = ": keep-alive\n\n"

const bytes = new TextEncoder()

/**
 * A response whose body are these events. While there are none, it has a comment from time to time, because proxies cut
 * connections on which nothing arrives.
 *
 * @internal
 */
export const sseResponse = <E>(
  events: Stream.Stream<string, E>,
  options: {
    readonly keepAlive: Duration.DurationInput
    readonly headers?: { readonly [name: string]: string } | undefined
  }
): HttpServerResponse.HttpServerResponse => {
  const comments = Stream.map(Stream.drop(Stream.tick(options.keepAlive), 1), () => comment)
  const texts = Stream.merge(events, comments, { haltStrategy: "left" })
  return HttpServerResponse.stream(mapBatches(texts, (batch) => [bytes.encode(batch.join(""))]), {
    contentType: "text/event-stream",
    headers: { "cache-control": "no-cache", "x-accel-buffering": "no", ...options.headers }
  })
}

/** @internal */
export const defaultKeepAlive: Duration.DurationInput = "15 seconds"

/**
 * How long a response waits for the first event, so that a failure before it can have a status of its own.
 *
 * @internal
 */
export const defaultAnswerWithin: Duration.DurationInput = "15 seconds"
