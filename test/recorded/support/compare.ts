/** Compares the outcome of the client with the reading of the bytes. */
import * as Duration from "effect/Duration"
import { isDeepStrictEqual } from "node:util"
import type { Row } from "../../../src/http/row.js"
import type { Failure } from "../reading/failure.js"
import { type Fields, fields, list, parse, withoutNulls } from "../reading/json.js"
import type { Reading } from "../reading/reading.js"
import type { Outcome } from "./client.js"
import type { Asked } from "./replay.js"
import { type Exchange, pathOf } from "./traffic.js"

export type Complaints = ReadonlyArray<string>

const same = (what: string, found: unknown, expected: unknown): Complaints =>
  isDeepStrictEqual(found, expected) ? [] : [difference(what, found, expected)]

/** The first path where two values differ. */
const difference = (what: string, found: unknown, expected: unknown): string => {
  if (Array.isArray(found) && Array.isArray(expected) && found.length !== expected.length) {
    return `${what} has ${found.length} items instead of ${expected.length}`
  }
  const keys = typeof found === "object" && typeof expected === "object" && found !== null && expected !== null
    ? [...new Set([...Object.keys(found), ...Object.keys(expected)])]
    : []
  const key = keys.find((key) =>
    !isDeepStrictEqual(Reflect.get(Object(found), key), Reflect.get(Object(expected), key))
  )
  return key === undefined
    ? `${what} is ${print(found)} instead of ${print(expected)}`
    : difference(`${what}.${key}`, Reflect.get(Object(found), key), Reflect.get(Object(expected), key))
}

const print = (u: unknown): string => {
  const printed = JSON.stringify(u) ?? String(u)
  return printed.length <= 300 ? printed : `${printed.slice(0, 300)}… (${printed.length} characters)`
}

export const compareRequest = (exchange: Exchange, row: Row, asked: Asked | undefined): Complaints => {
  if (asked === undefined) return ["nothing was asked"]
  const { stream: _, ...body } = exchange.request ?? {}
  const url = new URL(asked.url, "http://127.0.0.1")
  return [
    ...same("method", asked.method, exchange.method),
    ...same("path", pathOf(url), pathOf(exchange.url)),
    ...same(
      "query",
      [...url.searchParams],
      row.query.flatMap((name) => {
        const value = exchange.url.searchParams.get(name)
        return value === null ? [] : [[name, value]]
      })
    ),
    ...(row.body === "multipart"
      ? same("content type", asked.contentType.split(";")[0], "multipart/form-data")
      : row.body === "json"
      ? same("body", parse(asked.body)?.value, row.success === "sse" ? { ...body, stream: true } : body)
      : same("body", asked.body, ""))
  ]
}

export const compareAnswer = (exchange: Exchange, row: Row, reading: Reading, outcome: Outcome): Complaints => [
  ...(reading.events === undefined ? [] : same("events", outcome.events, reading.events)),
  ...(reading.pieces === undefined || outcome.pieces === undefined
    ? []
    : same("pieces", outcome.pieces, reading.pieces)),
  ...(reading.failure === undefined
    ? compareSuccess(exchange, reading, outcome)
    : compareFailure(exchange, row, reading, reading.failure, outcome))
]

const compareSuccess = (exchange: Exchange, reading: Reading, outcome: Outcome): Complaints => {
  if (outcome.error !== undefined) return [`failed: ${describe(outcome.error)}`]
  return [
    ...(reading.events === undefined
      ? same("result", outcome.result, reading.whole)
      // An accumulated response has the shape of the whole one; null and absent are the same
      : same("result", withoutNulls(outcome.result), withoutNulls(reading.whole))),
    ...(outcome.text === undefined ? [] : same("text", outcome.text, reading.summary.text)),
    ...same("status", outcome.response?.status, exchange.status),
    ...same("provider", outcome.response?.provider, exchange.headers["x-provider-name"]),
    ...(exchange.api === "other"
      ? []
      : same("generation id", outcome.response?.generationId, generationId(exchange, reading)))
  ]
}

const generationId = (exchange: Exchange, reading: Reading): string | undefined =>
  exchange.headers["x-generation-id"] ?? reading.summary.generationId

/** The error tags by status; undocumented statuses share one. */
const tags: Readonly<Record<number, string>> = {
  400: "BadRequestResponseError",
  401: "UnauthorizedResponseError",
  402: "PaymentRequiredResponseError",
  403: "ForbiddenResponseError",
  404: "NotFoundResponseError",
  408: "RequestTimeoutResponseError",
  409: "ConflictResponseError",
  410: "GoneResponseError",
  413: "PayloadTooLargeResponseError",
  422: "UnprocessableEntityResponseError",
  429: "TooManyRequestsResponseError",
  500: "InternalServerResponseError",
  502: "BadGatewayResponseError",
  503: "ServiceUnavailableResponseError",
  504: "GatewayTimeoutResponseError",
  524: "EdgeNetworkTimeoutResponseError",
  529: "ProviderOverloadedResponseError"
}

const compareFailure = (
  exchange: Exchange,
  row: Row,
  reading: Reading,
  failure: Failure | "unreadable" | "truncated",
  outcome: Outcome
): Complaints => {
  if (outcome.error === undefined) return [`succeeded instead of failing: ${print(failure)}`]
  const error = fields(outcome.error)
  const arrived = comparePartial(exchange, reading, error["partial"])
  if (failure === "truncated") return [...same("tag", error["_tag"], "StreamTruncatedError"), ...arrived]
  if (failure === "unreadable") return [...same("tag", error["_tag"], "ResponseValidationError"), ...arrived]
  const status = failure.status ?? 0
  const documented = row.errors.some((known) => known === status)
  const wait = failure.wait ?? (status === 429 ? 1000 : undefined)
  return [
    ...same("tag", error["_tag"], documented ? tags[status] : "OpenRouterDefaultError"),
    ...same("status", error["status"], failure.status ?? 200),
    ...(String(error["message"]).includes(failure.message.trim().slice(0, 400))
      ? []
      : [`message is ${print(error["message"])} without ${print(failure.message)}`]),
    ...same("code", error["code"], failure.code),
    ...same("provider", error["provider"], failure.provider),
    ...same("raw", error["raw"], failure.raw),
    ...same("error type", error["errorType"], failure.errorType),
    ...same(
      "wait",
      Duration.isDuration(error["retryAfter"]) ? Duration.toMillis(error["retryAfter"]) : undefined,
      wait
    ),
    ...same("generation id", error["generationId"], generationId(exchange, reading)),
    ...arrived,
    ...tellsAccount(exchange, outcome.error)
  ]
}

/** Account ids are left out, because errors may be logged. */
const tellsAccount = (exchange: Exchange, error: unknown): Complaints =>
  Array.from(new TextDecoder().decode(exchange.body).matchAll(/"user_id":\s*"([^"]+)"/g), ([, account = ""]) => account)
    .filter((account) => JSON.stringify(error).includes(account))
    .map((account) => `the error tells whose account it was: ${account}`)

const comparePartial = (exchange: Exchange, reading: Reading, partial: unknown): Complaints => {
  const { summary, whole } = reading
  if (partial === undefined) {
    // There may be nothing to tell but names and the reason
    const { finishReason: _, generationId: _id, model: _model, ...output } = summary
    return same("partial", withoutNulls({ text: "", reasoning: "", toolCalls: [] }), withoutNulls(output))
  }
  const { itemsComplete, result, ...found } = fields(partial)
  return [
    ...same("items complete", itemsComplete === true, reading.hasAllItems === true),
    ...same("partial", withoutNulls(exchange.api === "messages" ? normalised(found) : found), withoutNulls(summary)),
    ...(reading.events === undefined ? [] : same("partial.result", withoutNulls(result), withoutNulls(whole)))
  ]
}

/** Arguments that came as pieces of JSON, as the JSON that they are. */
const normalised = (found: Fields): Fields => ({
  ...found,
  toolCalls: list(found["toolCalls"]).map(fields).map((call) => {
    const parsed = parse(String(call["arguments"]))
    return parsed === undefined ? call : { ...call, arguments: JSON.stringify(parsed.value) }
  })
})

const describe = (u: unknown): string => {
  const error = fields(u)
  return `${String(error["_tag"])}: ${String(error["message"])} ${print(error["issues"])}`
}
