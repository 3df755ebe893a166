/** Connections that are not made, break, or fall silent. */
import type { Fault } from "../support/matrix.js"
import * as Site from "../support/site.js"
import { chunked, good, head, lastChunk, type Wire, withoutDone } from "../support/wire.js"
import { apart, every, midway, unharmed } from "./outcomes.js"

const { close, halfClose, pause, reset, vanish, write } = Site

/** As servers do that keep their connections: only of those do all clients notice where one breaks. */
const inChunks = (wire: Wire) => good(wire, "transfer-encoding: chunked\r\nconnection: keep-alive\r\n")

export const connection: ReadonlyArray<Fault> = [
  { name: "refused", at: ({ refused }) => refused, expected: every("ConnectionError connect ECONNREFUSED x2") },
  {
    name: "a host that no server knows",
    at: () => `https://${"x".repeat(64)}.invalid`,
    expected: every("ConnectionError connect ENOTFOUND x2")
  },
  {
    name: "reset as soon as it is made",
    at: ({ slammed }) => slammed,
    expected: every("ConnectionError connect ECONNRESET x2"),
    // Where the request was on its way already, at the first or at the second attempt
    orElse: [every("ConnectionError response"), every("ConnectionError response x2")]
  },
  {
    name: "TLS, to a server without it",
    at: ({ tls }) => tls,
    expected: every("ConnectionError connect x2")
  },
  {
    name: "TLS whose handshake does not end",
    at: ({ handshake }) => handshake,
    waits: true,
    expected: every("RequestTimeoutError")
  },
  {
    name: "closed before the headers",
    respond: () => [close],
    expected: every("ConnectionError response")
  },
  {
    name: "reset before the headers",
    respond: () => [reset],
    expected: every("ConnectionError response")
  },
  {
    name: "closed in the middle of the headers",
    respond: (wire) => [write(good(wire).slice(0, 30)), pause, close],
    expected: every("ConnectionError response")
  },
  {
    name: "reset in the middle of the headers",
    respond: (wire) => [write(good(wire).slice(0, 30)), pause, reset],
    expected: every("ConnectionError response")
  },
  {
    name: "reset after the headers",
    respond: (wire) => [write(good(wire)), pause, reset],
    expected: apart("ResponseValidationError gen-1", "StreamTruncatedError gen-1")
  },
  {
    name: "reset in mid-body, between events",
    respond: (wire) => [write(good(wire) + wire.begun), pause, reset],
    expected: midway(
      "ResponseValidationError received “…tent\":\"Once upon” partial “Once upon” gen-1",
      "StreamTruncatedError partial “Once upon” gen-1"
    )
  },
  {
    name: "reset in mid-event",
    respond: (wire) => [write(good(wire) + wire.begun + wire.half), pause, reset],
    expected: midway(
      "ResponseValidationError received “…:\"Once upon a ti” partial “Once upon a ti” gen-1",
      "StreamTruncatedError partial “Once upon” gen-1"
    )
  },
  {
    name: "reset after the whole response",
    respond: (wire) => [write(good(wire) + wire.begun + wire.rest), pause, reset],
    expected: unharmed
  },
  {
    name: "half closed before the headers",
    respond: () => [halfClose],
    expected: every("ConnectionError response")
  },
  {
    name: "half closed in mid-body",
    respond: (wire) => [write(good(wire) + wire.begun), pause, halfClose],
    expected: midway(
      "ResponseValidationError received “…tent\":\"Once upon” partial “Once upon” gen-1",
      "StreamTruncatedError partial “Once upon” gen-1"
    )
  },
  {
    name: "closed in mid-event",
    respond: (wire) => [write(good(wire) + wire.begun + wire.half), pause, close],
    expected: midway(
      "ResponseValidationError received “…:\"Once upon a ti” partial “Once upon a ti” gen-1",
      "StreamTruncatedError partial “Once upon” gen-1"
    )
  },
  {
    name: "reset between two chunks",
    respond: (wire) => [write(inChunks(wire) + chunked(wire.begun)), pause, reset],
    expected: midway(
      "ConnectionError body received “…tent\":\"Once upon” partial “Once upon” gen-1",
      "ConnectionError body partial “Once upon” gen-1"
    )
  },
  {
    name: "reset in mid-chunk, in mid-event",
    respond: (wire) => [
      write(inChunks(wire) + chunked(wire.begun + wire.rest).slice(0, -80)),
      pause,
      reset
    ],
    expected: {
      send: "ConnectionError body received “…upon a time\"}}],” partial “Once upon a time” gen-1",
      streams: "ConnectionError body partial “Once upon a time” gen-1",
      agents:
        "ConnectionError body partial “Once upon a time” gen-1; 1 step, 2 items, $0.25, “Once upon a time”, unsettled gen-1"
    }
  },
  {
    name: "closed between two chunks",
    respond: (wire) => [write(inChunks(wire) + chunked(wire.begun)), pause, close],
    expected: midway(
      "ConnectionError body received “…tent\":\"Once upon” partial “Once upon” gen-1",
      "ConnectionError body partial “Once upon” gen-1"
    )
  },
  {
    name: "closed in the middle of a chunk",
    respond: (wire) => [
      write(inChunks(wire) + chunked(wire.begun) + chunked(wire.rest).slice(0, 40)),
      pause,
      close
    ],
    expected: midway(
      "ConnectionError body received “…{\"prompt_tokens\"” partial “Once upon a time” gen-1",
      "ConnectionError body partial “Once upon” gen-1"
    )
  },
  {
    name: "closed without the last chunk, after the whole response",
    respond: (
      wire
    ) => [write(inChunks(wire) + chunked(wire.begun + wire.rest)), pause, close],
    expected: {
      send: "ConnectionError body received “…\":3,\"cost\":0.5}}” partial “Once upon a time” $0.5 gen-1",
      streams: "“Once upon a time”",
      agents: "completed “Once upon a time”; 2 steps, 3 items, $0.75, “Once upon a time”"
    }
  },
  {
    name: "reset after the last event, without [DONE] and without the last chunk",
    respond: (wire) => [write(inChunks(wire) + chunked(wire.begun + withoutDone(wire))), pause, reset],
    expected: {
      ...unharmed,
      send: "ConnectionError body received “…\":3,\"cost\":0.5}}” partial “Once upon a time” $0.5 gen-1"
    }
  },
  {
    name: "in chunks",
    respond: (wire) => [
      write(inChunks(wire)),
      Site.drip(chunked(wire.begun) + chunked(wire.rest) + lastChunk, 50),
      close
    ],
    expected: unharmed
  },
  {
    name: "in chunks of a length that is no number",
    respond: (wire) => [
      write(inChunks(wire) + chunked(wire.begun)),
      pause,
      write("oops\r\n" + wire.rest + "\r\n0\r\n\r\n"),
      close
    ],
    expected: midway(
      "ConnectionError body received “…tent\":\"Once upon” partial “Once upon” gen-1",
      "ConnectionError body partial “Once upon” gen-1"
    )
  },
  { name: "silent before the headers", respond: () => [], waits: true, expected: every("RequestTimeoutError") },
  {
    name: "gone without a word before the headers",
    respond: () => [vanish],
    waits: true,
    expected: every("RequestTimeoutError")
  },
  {
    name: "silent in the middle of the headers",
    respond: (wire) => [write(good(wire).slice(0, 30))],
    waits: true,
    expected: every("RequestTimeoutError")
  },
  {
    name: "silent after the headers",
    respond: (wire) => [write(good(wire))],
    waits: true,
    expected: apart("RequestTimeoutError gen-1", "StreamStalledError gen-1")
  },
  {
    name: "silent in mid-body",
    respond: (wire) => [write(good(wire) + wire.begun)],
    waits: true,
    expected: midway(
      "RequestTimeoutError received “…tent\":\"Once upon” partial “Once upon” gen-1",
      "StreamStalledError partial “Once upon” gen-1"
    )
  },
  {
    name: "gone without a word in mid-body",
    respond: (wire) => [write(good(wire) + wire.begun), pause, vanish],
    waits: true,
    expected: midway(
      "RequestTimeoutError received “…tent\":\"Once upon” partial “Once upon” gen-1",
      "StreamStalledError partial “Once upon” gen-1"
    )
  },
  {
    name: "silent in mid-event",
    respond: (wire) => [write(good(wire) + wire.begun + wire.half)],
    waits: true,
    expected: midway(
      "RequestTimeoutError received “…:\"Once upon a ti” partial “Once upon a ti” gen-1",
      "StreamStalledError partial “Once upon” gen-1"
    )
  },
  {
    name: "silent after the whole response",
    respond: (wire) => [write(good(wire) + wire.begun + wire.rest)],
    waits: true,
    expected: {
      send: "RequestTimeoutError received “…\":3,\"cost\":0.5}}” partial “Once upon a time” $0.5 gen-1",
      streams: "“Once upon a time”",
      agents: "completed “Once upon a time”; 2 steps, 3 items, $0.75, “Once upon a time”"
    }
  },
  {
    name: "silent after the last event, without [DONE]",
    respond: (wire) => [write(good(wire) + wire.begun + withoutDone(wire))],
    waits: true,
    expected: {
      ...unharmed,
      send: "RequestTimeoutError received “…\":3,\"cost\":0.5}}” partial “Once upon a time” $0.5 gen-1"
    }
  },
  {
    name: "headers that come byte by byte",
    respond: (wire) => [Site.drip(good(wire)), write(wire.begun + wire.rest), close],
    expected: unharmed
  },
  {
    name: "headers larger than any",
    respond: (wire) => [write(good(wire, `x-large: ${"x".repeat(70_000)}\r\n`) + wire.begun + wire.rest), close],
    expected: every("ConnectionError response")
  },
  {
    name: "another protocol",
    respond: () => [write("SSH-2.0-OpenSSH_9.6\r\n"), close],
    expected: every("ConnectionError response")
  },
  {
    name: "early hints before the response",
    respond: (
      wire
    ) => [
      write(head("103 Early Hints", "link: </a>\r\nconnection: x\r\n") + good(wire) + wire.begun + wire.rest),
      close
    ],
    expected: unharmed
  }
]
