/** A response stays readable without most of its fields: only those that carry its content are required. */
import { assert, describe, it } from "@effect/vitest"
import type * as Schema from "effect/Schema"
import { needing, traffic } from "../../scripts/fixtures/fixtures.js"
import type { Row } from "../../src/http/row.js"
import { guard } from "../../src/schema/guard.js"
import { grouped } from "./reading/json.js"
import { readJson, readStream } from "./reading/reading.js"
import { readerFor } from "./support/client.js"
import { type Field, fieldsOf } from "./support/drift.js"
import { type Exchange, exchanges } from "./support/traffic.js"

/** The fields without which a response has no content for a caller. */
const needed = new Set([
  // Containers
  "choices message delta function response output item part content content_block data results usage pricing",
  "architecture top_provider",
  // Kind and position
  "type role id call_id item_id index output_index content_index model name label slug",
  // Content
  "text arguments partial_json summary url_citation url file token logprob embedding relevance_score b64_json created_at",
  // Usage
  "prompt_tokens completion_tokens input_tokens output_tokens total_tokens total_cost prompt completion",
  // Details of a model
  "details mandatory design_arena arena category elo rank win_rate"
].flatMap((names) => names.split(" ")))

/** Strings that a reader must know. */
const closed = new Set(["role", "type"])

const hasSchema = (row: Row): row is Row & { readonly schema: Schema.Schema<unknown> } => "schema" in row

/** How many fields of one path are tested. */
const enough = 4

interface Trial extends Field {
  readonly decodes: (value: unknown) => boolean
}

const trialsOf = (exchange: Exchange): ReadonlyArray<Trial> => {
  const row = readerFor(exchange, exchange.stream)?.row
  const reading = exchange.stream ? readStream(exchange) : readJson(exchange)
  if (row === undefined || !hasSchema(row) || reading.failure !== undefined) return []
  const check = guard(row.schema)
  const values = reading.events ?? [reading.whole]
  return values.flatMap((value) => fieldsOf(value)).map((field) => ({
    ...field,
    decodes: (other) => check(field.with(other))
  }))
}

describe.skipIf(!traffic.isPresent)(needing("fields of responses", traffic), () => {
  const trials = grouped(exchanges, ({ kind }) => kind).flatMap((group) =>
    grouped(group.flatMap(trialsOf), ({ path }) => path)
      .flatMap((same) => same.slice(0, enough))
      .map((trial) => ({ ...trial, path: `${group[0]?.kind}: ${trial.path}` }))
  )

  const name = (path: string) =>
    path.slice(Math.max(path.lastIndexOf("."), path.lastIndexOf(" ")) + 1).replace("[]", "")

  const failing = (except: ReadonlySet<string>, other: (value: unknown) => unknown): ReadonlyArray<string> => [
    ...new Set(
      trials.filter(({ decodes, path, value }) => !except.has(name(path)) && !decodes(other(value)))
        .map(({ path }) => path)
    )
  ]

  it("can be absent, except for the content", () => {
    assert.isNotEmpty(trials)
    assert.deepStrictEqual(failing(needed, () => undefined), [])
  })

  it("can be null, except for the content", () => {
    assert.deepStrictEqual(failing(needed, () => null), [])
  })

  it("can have unknown values, except for the kind", () => {
    assert.deepStrictEqual(failing(closed, (value) => typeof value === "string" ? "unheard-of" : value), [])
  })
})
