/** Responses that contradict their headers, or the request. */
import { gzipSync } from "node:zlib"
import type { Fault } from "../support/matrix.js"
import { again, close, drip, pause, type Step, write } from "../support/site.js"
import { good, head, type Wire, withoutDone } from "../support/wire.js"
import { apart, every, midway, succeedsWith, unharmed } from "./outcomes.js"

const whole = (wire: Wire): string => wire.begun + wire.rest

/** The whole response under another head. */
const under = (headers: string) => (wire: Wire): ReadonlyArray<Step> => [write(head(200, headers) + whole(wire)), close]

const response = (headers: (wire: Wire) => string, text: (wire: Wire) => string | Uint8Array) => (wire: Wire) => [
  write(good(wire, headers(wire))),
  write(text(wire)),
  pause,
  close
]

const none = () => ""
const length = (text: string): number => Buffer.byteLength(text)
const page = "<!DOCTYPE html><html><head><style>h1{}</style></head><body><h1>Sign in</h1></body></html>"
/** By a client that does not decode it, or sees that there is nothing to decode. */
const readAsItIs = {
  send: "“Once upon a time”",
  streams: "“Once upon a time”",
  agents: "completed “Once upon a time”; 2 steps, 3 items, $0.75, “Once upon a time”"
}

const gzip = () => "content-encoding: gzip\r\n"
const latin = (wire: Wire) => splice(wire, [0xff, 0xc3, 0x28])

/** The response with some bytes as its text. */
const splice = (wire: Wire, bytes: ReadonlyArray<number>): Uint8Array => {
  const text = Buffer.from(wire.saying("@@"))
  const parts: Array<Uint8Array> = []
  let from = 0
  for (let at = text.indexOf("@@"); at !== -1; at = text.indexOf("@@", from)) {
    parts.push(text.subarray(from, at), Uint8Array.from(bytes))
    from = at + 2
  }
  return Buffer.concat([...parts, text.subarray(from)])
}

const tampered = (bytes: Uint8Array): Uint8Array => {
  const copy = Uint8Array.from(bytes)
  copy.fill(0xff, Math.floor(copy.length / 2))
  return copy
}

/** The fetch of Node loses failures of its decompression now and then, and the body never ends. */
const lostByFetch = apart("RequestTimeoutError gen-1", "StreamStalledError gen-1")

const silent = "BadGatewayResponseError “The response is empty, and the provider did not say why” gen-1 x2"

const malformed =
  "ResponseValidationError received “{\"type\":\"response.output_text.delta\",\"delta\":7,\"choices\":7}” partial “Once upon” gen-1"

export const body: ReadonlyArray<Fault> = [
  { name: "good", respond: response(none, whole), expected: unharmed },
  {
    name: "empty",
    respond: response(none, () => ""),
    expected: apart("ResponseValidationError gen-1", "StreamTruncatedError gen-1")
  },
  {
    name: "empty, with a length",
    respond: response(() => "content-length: 0\r\n", () => ""),
    expected: apart("ResponseValidationError gen-1", "StreamTruncatedError gen-1")
  },
  {
    name: "no content (204)",
    respond: () => [write(head(204, "")), close],
    expected: apart("ResponseValidationError", "StreamTruncatedError")
  },
  {
    name: "blank",
    respond: response(none, () => "\n    \n\n"),
    expected: apart("ResponseValidationError received “” gen-1", "StreamTruncatedError gen-1")
  },
  {
    name: "a page",
    respond: () => [write(head(200, "content-type: text/html\r\n") + page), close],
    expected: every("ResponseValidationError received “…1></body></html>”")
  },
  {
    name: "a page with the requested content type",
    respond: response(none, () => page),
    expected: every("ResponseValidationError received “…1></body></html>” gen-1")
  },
  {
    name: "JSON of another shape",
    respond: response(none, ({ api }) => api === "json" ? "{\"models\":[]}" : "data: {\"models\":[]}\n\n"),
    expected: apart(
      "ResponseValidationError received “{\"models\":[]}” partial “” gen-1",
      "ResponseValidationError received “{\"models\":[]}” gen-1"
    )
  },
  {
    name: "JSON of another shape in mid-response",
    respond: response(
      none,
      (wire) =>
        wire.api === "json"
          ? wire.begun + "\"}}],\"id\":7}"
          : wire.begun + "data: {\"type\":\"response.output_text.delta\",\"delta\":7,\"choices\":7}\n\n"
    ),
    expected: {
      // A response whose id is a number is a response
      ...midway("“Once upon”", malformed),
      // An event of a type that it does not know
      messages: "StreamTruncatedError partial “Once upon” gen-1"
    }
  },
  {
    name: "an event that is not JSON",
    respond: response(none, (wire) => wire.begun + "data: {oops\n\n"),
    expected: midway(
      "ResponseValidationError received “… upondata: {oops” partial “Once upondata: {oops” gen-1",
      "ResponseValidationError received “{oops” partial “Once upon” gen-1"
    )
  },
  { name: "without a content type", respond: under(""), expected: unharmed },
  { name: "called text/plain", respond: under("content-type: text/plain\r\n"), expected: unharmed },
  {
    name: "called application/json",
    respond: under("content-type: application/json\r\n"),
    expected: unharmed
  },
  {
    name: "called text/html",
    respond: under("content-type: text/html; charset=utf-8\r\n"),
    expected: unharmed
  },
  { name: "called text/event-stream", respond: under("content-type: text/event-stream\r\n"), expected: unharmed },
  {
    name: "with two content types",
    respond: under("content-type: text/event-stream\r\ncontent-type: application/json\r\n"),
    expected: unharmed
  },
  {
    name: "in the form that was not requested, under its own content type",
    respond: (wire) => [
      write(head(200, `content-type: ${wire.api === "json" ? "text/event-stream" : "application/json"}\r\n`)),
      write(wire.otherForm),
      close
    ],
    expected: unharmed
  },
  {
    name: "in the form that was not requested, under the requested content type",
    respond: response(none, (wire) => wire.otherForm),
    expected: unharmed
  },
  {
    name: "of the length that its header states",
    respond: response((wire) => `content-length: ${length(whole(wire))}\r\n`, whole),
    expected: unharmed
  },
  {
    name: "longer than its header states",
    respond: response((wire) => `content-length: ${length(wire.begun)}\r\n`, whole),
    expected: midway(
      "ResponseValidationError received “…tent\":\"Once upon” partial “Once upon” gen-1",
      "StreamTruncatedError partial “Once upon” gen-1"
    )
  },
  {
    name: "shorter than its header states",
    respond: response((wire) => `content-length: ${length(whole(wire)) + 9}\r\n`, (wire) => wire.begun),
    expected: midway(
      "ConnectionError body received “…tent\":\"Once upon” partial “Once upon” gen-1",
      "ConnectionError body partial “Once upon” gen-1"
    )
  },
  {
    name: "whole, but shorter than its header states",
    respond: response((wire) => `content-length: ${length(whole(wire)) + 9}\r\n`, whole),
    expected: {
      send: "ConnectionError body received “…\":3,\"cost\":0.5}}” partial “Once upon a time” $0.5 gen-1",
      streams: "“Once upon a time”",
      agents: "completed “Once upon a time”; 2 steps, 3 items, $0.75, “Once upon a time”"
    }
  },
  {
    name: "of a length that is no number",
    respond: response(() => "content-length: many\r\n", whole),
    expected: every("ConnectionError response")
  },
  {
    name: "of two lengths",
    respond: response(() => "content-length: 10\r\ncontent-length: 20\r\n", whole),
    expected: every("ConnectionError response")
  },
  {
    name: "gzip",
    respond: response(gzip, (wire) => gzipSync(whole(wire))),
    expected: unharmed,
    undici: {
      send: "ResponseValidationError received bytes gen-1",
      streams: "StreamTruncatedError gen-1",
      agents: "StreamTruncatedError gen-1; 1 step, 2 items, $0.25"
    }
  },
  {
    name: "gzip that is corrupt",
    respond: response(gzip, (wire) => tampered(gzipSync(whole(wire)))),
    waits: true,
    expected: every("ConnectionError body gen-1"),
    orElse: lostByFetch,
    undici: apart("ResponseValidationError received bytes gen-1", "StreamTruncatedError gen-1")
  },
  {
    name: "gzip that is none",
    respond: response(gzip, whole),
    waits: true,
    expected: every("ConnectionError body gen-1"),
    orElse: lostByFetch,
    undici: readAsItIs,
    node: readAsItIs
  },
  {
    name: "gzip that breaks off",
    respond: response(gzip, (wire) => gzipSync(whole(wire)).subarray(0, -20)),
    expected: {
      send: "ResponseValidationError received “…tokens\":2,\"total” partial “Once upon a time” gen-1",
      streams: "StreamTruncatedError partial “Once upon a time” gen-1",
      agents:
        "StreamTruncatedError partial “Once upon a time” gen-1; 1 step, 2 items, $0.25, “Once upon a time”, unsettled gen-1"
    },
    undici: {
      send: "ResponseValidationError received bytes gen-1",
      streams: "StreamTruncatedError gen-1",
      agents: "StreamTruncatedError gen-1; 1 step, 2 items, $0.25"
    },
    node: {
      send: "ConnectionError body received “…tokens\":2,\"total” partial “Once upon a time” gen-1",
      streams: "ConnectionError body partial “Once upon a time” gen-1",
      agents:
        "ConnectionError body partial “Once upon a time” gen-1; 1 step, 2 items, $0.25, “Once upon a time”, unsettled gen-1"
    }
  },
  {
    name: "of an encoding that nobody knows",
    respond: response(() => "content-encoding: zstd-9\r\n", whole),
    expected: unharmed
  },
  {
    name: "with bytes that are no UTF-8",
    respond: response(none, latin),
    expected: succeedsWith("��(")
  },
  { name: "with a byte order mark", respond: response(none, (wire) => `\uFEFF${whole(wire)}`), expected: unharmed },
  { name: "with CRLF", respond: response(none, (wire) => whole(wire).replaceAll("\n", "\r\n")), expected: unharmed },
  { name: "with CR", respond: response(none, (wire) => whole(wire).replaceAll("\n", "\r")), expected: unharmed },
  {
    name: "split at every byte",
    respond: (wire) => [write(good(wire)), drip(wire.saying("ü🙂")), close],
    expected: succeedsWith("ü🙂")
  },
  {
    name: "split at every byte, with CRLF",
    respond: (wire) => [write(good(wire)), drip(wire.saying("ü🙂").replaceAll("\n", "\r\n")), close],
    expected: succeedsWith("ü🙂")
  },
  {
    name: "an event that is too large",
    respond: response(none, (wire) => wire.begun + event("x".repeat(5000)) + wire.rest),
    expected: midway(
      "ResponseValidationError received “…\":3,\"cost\":0.5}}” partial “Once upondata: {” gen-1",
      "StreamEventTooLargeError partial “Once upon” gen-1"
    )
  },
  {
    name: "an event that is too large and does not end",
    respond: response(none, (wire) => `${wire.begun}data: ${"x".repeat(5000)}`),
    expected: midway(
      "ResponseValidationError received “…xxxxxxxxxxxxxxxx” partial “Onc…(5015)” gen-1",
      "StreamEventTooLargeError partial “Once upon” gen-1"
    )
  },
  {
    name: "a long response",
    respond: response(none, (wire) => wire.saying("x".repeat(3000))),
    expected: succeedsWith("xxx…(3000)")
  },
  {
    name: "comments without end, and no response",
    respond: (wire) => [write(good(wire)), again(wire.api === "json" ? "\n  \n" : ": OPENROUTER PROCESSING\n\n")],
    waits: true,
    expected: {
      ...apart("RequestTimeoutError received “” gen-1", "RequestTimeoutError gen-1"),
      // Whoever ends a response that has begun does not know what it costs
      agents: "RequestTimeoutError gen-1; 1 step, 2 items, $0.25, unsettled gen-1"
    }
  },
  {
    name: "comments without end in mid-response",
    respond: (
      wire
    ) => [write(good(wire) + wire.begun), again(wire.api === "json" ? "\n" : ": OPENROUTER PROCESSING\n\n")],
    waits: true,
    expected: midway(
      "RequestTimeoutError received “…tent\":\"Once upon” partial “Once upon” gen-1",
      "StreamStalledError partial “Once upon” gen-1"
    )
  },
  { name: "without [DONE]", respond: response(none, (wire) => wire.begun + withoutDone(wire)), expected: unharmed },
  {
    name: "[DONE] and nothing else",
    respond: response(none, (wire) => wire.api === "json" ? "[DONE]" : "data: [DONE]\n\n"),
    expected: {
      ...apart("ResponseValidationError received “[DONE]” gen-1", "StreamTruncatedError gen-1"),
      chat: silent,
      messages: silent
    }
  },
  {
    name: "[DONE] in mid-response",
    respond: response(none, (wire) => wire.begun + "data: [DONE]\n\n"),
    expected: {
      ...midway(
        "ResponseValidationError received “…upondata: [DONE]” partial “Once upondata: [DONE]” gen-1",
        "StreamTruncatedError partial “Once upon” gen-1"
      )
    }
  },
  { name: "without the last line end", respond: response(none, (wire) => whole(wire).trimEnd()), expected: unharmed },
  {
    name: "more after its end",
    respond: response(none, (wire) => whole(wire) + "data: {\"error\":{\"code\":500,\"message\":\"late\"}}\n\n"),
    expected: {
      ...unharmed,
      send: "ResponseValidationError received “…essage\":\"late\"}}” partial “Once upon a time” $0.5 gen-1"
    }
  }
]

const event = (text: string) => `data: ${JSON.stringify({ type: "filler", text })}\n\n`
