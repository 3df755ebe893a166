/** Bad statuses, with and without a body; redirects; and when to retry. */
import type { Fault } from "../support/matrix.js"
import { close, pause, reset, write } from "../support/site.js"
import { chunked, head } from "../support/wire.js"
import { every } from "./outcomes.js"

const json = "content-type: application/json\r\nx-generation-id: gen-1\r\n"
const because = (code: number) => JSON.stringify({ error: { code, message: "Because." }, user_id: "user_1" })
const page = "<!DOCTYPE html><html><head><style>h1{}</style></head><body><h1>Bad gateway</h1></body></html>"

const response = (status: number | string, headers: string, text: string) => () => [
  write(head(status, headers) + text),
  pause,
  close
]

/** Each status, its error, and whether the client retries. */
const statuses: ReadonlyArray<readonly [status: number, error: string, again: string]> = [
  [400, "BadRequestResponseError", ""],
  [401, "UnauthorizedResponseError", ""],
  [402, "PaymentRequiredResponseError", ""],
  [403, "ForbiddenResponseError", ""],
  [404, "NotFoundResponseError", ""],
  [408, "RequestTimeoutResponseError", ""],
  [413, "PayloadTooLargeResponseError", ""],
  [422, "UnprocessableEntityResponseError", ""],
  [429, "TooManyRequestsResponseError", " retryAfter 1s x2 after 1s"],
  [500, "InternalServerResponseError", " x2"],
  [502, "BadGatewayResponseError", " x2"],
  [503, "ServiceUnavailableResponseError", " x2"],
  [504, "GatewayTimeoutResponseError", ""],
  [524, "EdgeNetworkTimeoutResponseError", ""],
  [529, "ProviderOverloadedResponseError", " x2"],
  // Not documented for these calls
  [405, "OpenRouterDefaultError 405", ""],
  [409, "OpenRouterDefaultError 409", ""],
  [418, "OpenRouterDefaultError 418", ""],
  [451, "OpenRouterDefaultError 451", ""],
  [505, "OpenRouterDefaultError 505", ""],
  [599, "OpenRouterDefaultError 599", ""],
  [304, "OpenRouterDefaultError 304", ""]
]

const redirect = (status: number): ReadonlyArray<Fault> =>
  [
    ["to the same server", "/elsewhere"],
    ["to itself, for ever", ""],
    ["to another server", "http://127.0.0.1:9/elsewhere"]
  ].map(([name, location]) => ({
    name: `${status} ${name}`,
    respond: response(status, `location: ${location}\r\n`, ""),
    expected: every(`OpenRouterDefaultError ${status} “the server responded with a redirect to http://127”`)
  }))

/** The headers of a 429, `retryAfter`, and whether the client waits that long. */
const waits: ReadonlyArray<readonly [name: string, headers: string, retryAfter: string, again: string]> = [
  ["in seconds", "retry-after: 7\r\n", "7s", " x2 after 7s"],
  ["in fractions of a second", "retry-after: 0.5\r\n", "500ms", " x2 after 500ms"],
  // The clock stands at 0; half a minute later the second failure has no wait left
  ["as a date", "retry-after: Thu, 01 Jan 1970 00:00:30 GMT\r\n", "0", " x2 after 30s"],
  ["as a date in the past", "retry-after: Wed, 31 Dec 1969 23:00:00 GMT\r\n", "0", " x2"],
  ["without a meaning", "retry-after: soon\r\n", "1s", " x2 after 1s"],
  ["that is empty", "retry-after: \r\n", "1s", " x2 after 1s"],
  ["below nothing", "retry-after: -5\r\n", "0", " x2"],
  ["of a day", "retry-after: 86400\r\n", "1d", ""],
  ["beyond all bounds", `retry-after: 1${"0".repeat(300)}\r\n`, "365d", ""],
  ["twice", "retry-after: 3\r\nretry-after: 9\r\n", "1s", " x2 after 1s"],
  ["in milliseconds", "retry-after-ms: 1500\r\n", "1s 500ms", " x2 after 1s 500ms"]
]

const cutShort = every("InternalServerResponseError “{\"error\":{\"code\":500,\"message\":\"Because” gen-1 x2")

export const status: ReadonlyArray<Fault> = [
  ...statuses.filter(([status]) => status !== 304).map(([status, error, again]): Fault => ({
    name: `${status}`,
    waits: true,
    respond: response(status, json, because(status)),
    expected: every(`${error} “Because” gen-1${again}`)
  })),
  ...statuses.map(([status, error, again]): Fault => ({
    name: `${status} without a body`,
    waits: true,
    respond: response(status, "", ""),
    expected: every(`${error} “OpenRouter returned status ${status} without a message”${again}`)
  })),
  {
    name: "502 with a page",
    respond: response(502, "content-type: text/html\r\n", page),
    expected: every("BadGatewayResponseError “Bad gateway” x2")
  },
  {
    name: "500 with half a body",
    respond: response(500, `${json}content-length: 100\r\n`, because(500).slice(0, 40)),
    expected: cutShort
  },
  {
    name: "500 that is reset in mid-body",
    respond: () => [
      write(head(500, `${json}transfer-encoding: chunked\r\n`) + chunked(because(500).slice(0, 40))),
      pause,
      reset
    ],
    expected: cutShort
  },
  {
    name: "500 that falls silent in mid-body",
    respond: () => [write(head(500, json) + because(500).slice(0, 40))],
    waits: true,
    expected: every("InternalServerResponseError “{\"error\":{\"code\":500,\"message\":\"Because” gen-1 x2 after 5s")
  },
  {
    name: "400 with the code of another status",
    respond: response(400, json, because(429)),
    expected: every("BadRequestResponseError “Because” gen-1")
  },
  {
    name: "a status that is no number",
    respond: response("teapot", json, because(400)),
    expected: every("ConnectionError response")
  },
  ...[301, 302, 303, 307, 308].flatMap(redirect),
  ...waits.map(([name, headers, retryAfter, again]): Fault => ({
    name: `429 and Retry-After ${name}`,
    respond: response(429, json + headers, because(429)),
    waits: true,
    expected: every(`TooManyRequestsResponseError “Because” gen-1 retryAfter ${retryAfter}${again}`)
  })),
  {
    name: "503 and Retry-After in seconds",
    respond: response(503, `${json}retry-after: 7\r\n`, because(503)),
    waits: true,
    expected: every("ServiceUnavailableResponseError “Because” gen-1 retryAfter 7s x2 after 7s")
  },
  {
    name: "503 and Retry-After of a day",
    respond: response(503, `${json}retry-after: 86400\r\n`, because(503)),
    expected: every("ServiceUnavailableResponseError “Because” gen-1 retryAfter 1d")
  },
  {
    name: "400 and Retry-After in seconds",
    respond: response(400, `${json}retry-after: 7\r\n`, because(400)),
    expected: every("BadRequestResponseError “Because” gen-1 retryAfter 7s")
  }
]
