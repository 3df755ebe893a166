/** A server that answers any endpoint as a header of the request asks for: well, with a status, or by pages. */
import * as Schema from "effect/Schema"
import type { Row } from "../../../src/http/row.js"
import type { Exchange } from "../../http/support/loopback.js"
import { taggedMembers } from "../../schema/support/values.js"
import { itemOf, sample } from "./sample.js"

export const bytes = new Uint8Array([0, 127, 255])

/** What the row's schema says of its answer, or of one event. */
const schemaOf = (row: Row): Schema.Schema<unknown> => {
  if ("schema" in row && isSchema(row.schema)) return row.schema
  throw new Error(`${row.name} has no schema`)
}

const isSchema = (u: unknown): u is Schema.Schema<unknown> => Schema.isSchema(u)

/** An answer without a word would be a failure. */
export const answerOf = (row: Row): unknown => {
  const answer = Object(sample(schemaOf(row).ast))
  const words = { text: "Hi", message: { role: "assistant", content: "Hi" } }
  const choice = { index: 0, ...words, finish_reason: "stop", logprobs: null }
  return "choices" in answer ? { ...answer, choices: [choice] } : answer
}

const lastEvents: { readonly [type: string]: true } = {
  "response.completed": true,
  "message_stop": true,
  "image_generation.completed": true
}

/** A stream of the row's events that comes to its end. */
export const eventsOf = (row: Row): ReadonlyArray<unknown> => {
  const last = taggedMembers(schemaOf(row).ast).find(({ value }) => lastEvents[value])
  return last === undefined
    ? [{ choices: [{ index: 0, text: "Hi", delta: { content: "Hi" }, finish_reason: "stop" }] }]
    : [sample(last.member)]
}

/** Two pages of one item each. Items without an id differ in a field that nobody knows alone. */
export const pagesOf = (row: Row, offset: number): ReadonlyArray<{ readonly data: ReadonlyArray<unknown> }> => {
  const { ast } = schemaOf(row)
  const item = sample(itemOf(ast))
  const page = sample(ast)
  return [1, 2].map((number) => ({
    ...Object(page),
    total_count: offset + 2,
    has_more: number === 1,
    ...(number === 1 ? { cursor: "page-2", next_cursor: "page-2", last_id: "page-2" } : { cursor: null }),
    data: [{ ...Object(item), ...idsOf(Object(item), `record-${number}`), page_number: number }]
  }))
}

const idsOf = (item: object, id: string): object =>
  Object.fromEntries(
    ["id", "hash"].filter((name) => typeof Reflect.get(item, name) === "string").map((name) => [name, id])
  )

/** Answers an exchange whose headers name the row and the kind of answer. */
export const serving = (rows: ReadonlyMap<string, Row>) => {
  const seen = new Map<string, number>()
  return ({ headers, response }: Exchange): void => {
    const key = String(headers["x-row"])
    const wanted = String(headers["x-answer"])
    const row = rows.get(key)
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
    if (row === undefined) {
      json(501, { error: { message: `no row is called ${key}` } })
    } else if (/^\d+$/.test(wanted)) {
      json(Number(wanted), { error: { code: Number(wanted), message: "As asked for" } })
    } else if (wanted === "nonsense") {
      json(200, ["nonsense"])
    } else if (wanted.startsWith("pages from ")) {
      const count = (seen.get(key) ?? 0) + 1
      seen.set(key, count)
      json(200, pagesOf(row, Number(wanted.slice("pages from ".length)))[count - 1] ?? { data: [] })
    } else if (row.success === "sse") {
      response.writeHead(200, { "content-type": "text/event-stream" })
      response.end([...eventsOf(row).map((event) => JSON.stringify(event)), "[DONE]"].map(line).join(""))
    } else if (row.success === "binary") {
      response.writeHead(200, { "content-type": "application/octet-stream" }).end(bytes)
    } else if (row.success === "empty") {
      response.writeHead(204).end()
    } else {
      json(200, answerOf(row))
    }
  }
}

const line = (data: string): string => `data: ${data}\n\n`
