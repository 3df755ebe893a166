/** Which fields of a recorded answer it takes to read it: few, and none that only tell more about it. */
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

/** What an answer is made of; without it there is nothing to give to a caller. */
const needed = new Set([
  // What holds the rest
  "choices message delta function response output item part content content_block data results usage pricing",
  "architecture top_provider",
  // What it is, and where it belongs
  "type role id call_id item_id index output_index content_index model name label slug",
  // What it says
  "text arguments partial_json summary url_citation url file token logprob embedding relevance_score b64_json created_at",
  // What it costs
  "prompt_tokens completion_tokens input_tokens output_tokens total_tokens total_cost prompt completion",
  // What describes a model in detail
  "details mandatory design_arena arena category elo rank win_rate"
].flatMap((names) => names.split(" ")))

/** Strings that a reader has to know. */
const closed = new Set(["role", "type"])

const hasSchema = (row: Row): row is Row & { readonly schema: Schema.Schema<unknown> } => "schema" in row

/** How many fields of one path are tried. */
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

describe.skipIf(!traffic.isPresent)(needing("fields of answers", traffic), () => {
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

  it("are few that may not be left out", () => {
    assert.isNotEmpty(trials)
    assert.deepStrictEqual(failing(needed, () => undefined), [])
  })

  it("are few that may not be null", () => {
    assert.deepStrictEqual(failing(needed, () => null), [])
  })

  it("may say what nobody has heard of", () => {
    assert.deepStrictEqual(failing(closed, (value) => typeof value === "string" ? "unheard-of" : value), [])
  })
})
