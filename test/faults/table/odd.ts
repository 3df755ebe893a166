/** What HTTP allows and few servers do. */
import { brotliCompressSync } from "node:zlib"
import type { Fault } from "../support/matrix.js"
import { close, drip, type Step, write } from "../support/site.js"
import { good, head, type Wire } from "../support/wire.js"
import { apart, every, succeedsWith, unharmed } from "./outcomes.js"

const whole = (wire: Wire): string => wire.begun + wire.rest

/** The good response, with its first line and headers as given. */
const under = (status: string | number) => (wire: Wire): ReadonlyArray<Step> => [
  write(good(wire).replace("200 Status", `${status} Status`) + whole(wire)),
  close
]

const after = (interim: ReadonlyArray<string>) => (wire: Wire): ReadonlyArray<Step> => [
  write(interim.map((status) => head(status, "connection: x\r\n")).join("") + good(wire) + whole(wire)),
  close
]

const inBrotli = (wire: Wire): ReadonlyArray<Step> => [
  write(good(wire, "content-encoding: br\r\n")),
  write(brotliCompressSync(whole(wire))),
  close
]

/** Undici does not decode what the request did not accept. */
const undecoded = apart("ResponseValidationError received bytes gen-1", "StreamTruncatedError gen-1")

const nothing = apart("ResponseValidationError", "StreamTruncatedError")

export const odd: ReadonlyArray<Fault> = [
  ...["201", "202", "203", "206"].map((status): Fault => ({
    name: `${status} in place of 200`,
    respond: under(status),
    expected: unharmed
  })),
  {
    name: "205, which has no body",
    respond: () => [write(head(205, "content-length: 0\r\n")), close],
    expected: nothing
  },
  {
    name: "102, again and again, before the response",
    respond: after(Array.from({ length: 20 }, () => "102 Processing")),
    expected: unharmed
  },
  {
    name: "of HTTP/1.0",
    respond: (wire) => [write(good(wire).replace("HTTP/1.1", "HTTP/1.0") + whole(wire)), close],
    expected: unharmed
  },
  {
    name: "under line feeds alone",
    respond: (wire) => [write(good(wire).replaceAll("\r\n", "\n") + whole(wire)), close],
    expected: every("ConnectionError response")
  },
  { name: "in brotli", respond: inBrotli, expected: unharmed, undici: undecoded },
  {
    name: "split at every byte, with a byte order mark and CR",
    respond: (wire) => [write(good(wire)), drip(`\uFEFF${wire.saying("ü🙂").replaceAll("\n", "\r")}`), close],
    expected: succeedsWith("ü🙂")
  },
  {
    name: "with separators of lines that are none here",
    respond: (wire) => [write(good(wire) + wire.saying("a\u2028b\u0085c")), close],
    expected: succeedsWith("a\u2028b\u0085c")
  }
]
