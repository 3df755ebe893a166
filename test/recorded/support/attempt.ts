/** Repeats an exchange: a server sends the recorded response, the client reads it, and both are compared. */
import * as Effect from "effect/Effect"
import type { OpenRouterClient } from "../../../src/http/OpenRouterClient.js"
import { withClock } from "../../support/effect/clocks.js"
import { readBytes, readJson, readStream } from "../reading/reading.js"
import { cut, shred } from "./chunks.js"
import { paramsFor, readerFor } from "./client.js"
import { standingAt } from "./clock.js"
import { compareAnswer, compareRequest, type Complaints } from "./compare.js"
import { Replay } from "./replay.js"
import type { Exchange } from "./traffic.js"

/** One way to serve and read an exchange. */
export interface Way {
  readonly name: string
  readonly stream: boolean
  readonly pieces: (body: Uint8Array, exchange: Exchange) => ReadonlyArray<Uint8Array>
}

const whole: Way = { name: "as recorded", stream: false, pieces: (body, { reads }) => cut(body, reads) }

const streamed: Way = { ...whole, stream: true }

const shredded: Way = { name: "in random pieces", stream: true, pieces: (body, { id }) => shred(body, id) }

const refused: Way = { ...streamed, name: "for a stream" }

/** An error body is the same for streaming requests and others. */
export const waysOf = (exchange: Exchange): ReadonlyArray<Way> =>
  exchange.stream
    ? [streamed, shredded]
    : exchange.api !== "other" && readJson(exchange).failure !== undefined
    ? [whole, refused]
    : [whole]

/** The differences that the client shows. `served` replaces the recorded body on the wire, but not in the expectation. */
export const attempt = (
  exchange: Exchange,
  way: Way,
  served: Uint8Array = exchange.body
): Effect.Effect<Complaints, never, OpenRouterClient | Replay> =>
  Effect.gen(function*() {
    const reader = readerFor(exchange, way.stream)
    if (reader === undefined) return ["no endpoint answers to this exchange"]
    const replay = yield* Replay
    replay.answerNext({ status: exchange.status, headers: exchange.headers, pieces: way.pieces(served, exchange) })
    const outcome = yield* reader.read(paramsFor(reader.row, exchange)).pipe(withClock(standingAt(exchange.now)))
    const reading = exchange.stream
      ? readStream(exchange)
      : reader.row.success === "binary" && exchange.status < 400
      ? readBytes(exchange)
      : readJson(exchange)
    return [
      ...compareRequest(exchange, reader.row, replay.asked()),
      ...compareAnswer(exchange, reader.row, reading, outcome)
    ]
  })
