/**
 * An evaluation: how often does a prompt find what a data set expects, and what does it cost? Rows are asked eight at a
 * time, each result is written when it is there, and a second run continues with the rows that have none: no row with a
 * result is paid for again. Another prompt or model has results of its own.
 *
 * Packages: `effect-openrouter`, `effect`, `@effect/platform`, `@effect/platform-node`.
 *
 * `OPENROUTER_API_KEY=… npx tsx examples/recipes/evaluation.ts reviews.json results.jsonl` prints a table. The first file is a
 * list: `[{ "id": "1", "input": "I love this lamp.", "expected": "positive" }]`. The second one has a result in each line.
 */
import { FileSystem } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Clock, Console, Effect, Layer, Option, Schema } from "effect"
import { Chat, OpenRouterClient, Retry } from "effect-openrouter"
import { NodeClient } from "effect-openrouter/node"
import { fileURLToPath } from "node:url"

const model = "openai/gpt-5-nano"
const prompt = "Is this review of a product positive, negative or neutral?"

const Mood = Schema.Literal("positive", "negative", "neutral")
const Rows = Schema.parseJson(Schema.Array(Schema.Struct({ id: Schema.String, input: Schema.String, expected: Mood })))
type Row = typeof Rows.Type[number]

const Result = Schema.Struct({
  model: Schema.String,
  prompt: Schema.String,
  id: Schema.String,
  expected: Mood,
  actual: Schema.String,
  cost: Schema.Number,
  seconds: Schema.Number
})
const Line = Schema.parseJson(Result)
type Result = typeof Result.Type

/** A response that has no value is paid for, too: it is the result of its row. */
const withoutMood = (
  { _tag, response }: { readonly _tag: string; readonly response: { readonly cost?: number | undefined } }
) => Effect.succeed({ actual: _tag, cost: response.cost ?? 0 })

const ask = ({ input }: Row) =>
  Chat.object({
    model,
    messages: [{ role: "system", content: prompt }, { role: "user", content: input }],
    schema: Schema.Struct({ mood: Mood })
  }).pipe(
    Effect.map(({ result, value }) => ({ actual: value.mood, cost: result.usage?.cost ?? 0 })),
    Effect.catchTags({
      StructuredOutputMismatchError: withoutMood,
      StructuredOutputRefusedError: withoutMood,
      StructuredOutputTruncatedError: withoutMood
    }),
    // Sends again after 429, 503 and other failures that cost nothing
    OpenRouterClient.withOptions({ retry: Retry.exponential({ maxRetries: 5 }) })
  )

/** Asks for one row and writes the result. Once the response is there, an interruption does not keep it from the file. */
const evaluate = (row: Row, file: string) =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const started = yield* Clock.currentTimeMillis
      const response = yield* ask(row).pipe(
        restore,
        Effect.tapError((error) => Effect.logWarning(`${row.id}: ${error.message}`)),
        Effect.option
      )
      if (Option.isNone(response)) return []
      const seconds = ((yield* Clock.currentTimeMillis) - started) / 1000
      const result: Result = { model, prompt, id: row.id, expected: row.expected, ...response.value, seconds }
      yield* fs.writeFileString(file, `${JSON.stringify(result)}\n`, { flag: "a" })
      return [result]
    })
  )

/** The results of earlier runs. A line that a crash cut off is removed, and its row is asked again. */
const readResults = (file: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    if (!(yield* fs.exists(file))) return []
    const text = yield* fs.readFileString(file)
    const lines = text.slice(0, text.lastIndexOf("\n") + 1)
    if (lines !== text) yield* fs.writeFileString(file, lines)
    const results = yield* Effect.forEach(lines.split("\n").filter(Boolean), (line) => Schema.decode(Line)(line))
    return results.filter((result) => result.model === model && result.prompt === prompt)
  })

/** Evaluates the rows without a result. Returns all results, and how many rows are left for the next run. */
export const evaluation = (options: { readonly rows: string; readonly results: string }) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const rows = yield* Effect.flatMap(fs.readFileString(options.rows), Schema.decode(Rows))
    const known = new Map((yield* readResults(options.results)).map((result) => [result.id, result]))
    const results = yield* Effect.forEach(
      rows,
      (row) => {
        const result = known.get(row.id)
        return result === undefined ? evaluate(row, options.results) : Effect.succeed([result])
      },
      { concurrency: 8 }
    )
    return { results: results.flat(), missing: rows.length - results.flat().length }
  })

/** The table, and a line with the sums. */
export const table = (results: ReadonlyArray<Result>): string => {
  const lines = results.map(({ actual, cost, expected, id, seconds }) => [
    actual === expected ? "✓" : "✗",
    id,
    expected,
    actual,
    `$${cost.toFixed(6)}`,
    `${seconds.toFixed(1)} s`
  ])
  const all = [["", "row", "expected", "actual", "cost", "time"], ...lines]
  const widths = all[0]?.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0))) ?? []
  const right = results.filter(({ actual, expected }) => actual === expected).length
  const cost = results.reduce((sum, { cost }) => sum + cost, 0)
  return [
    ...all.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()),
    `${right} of ${results.length} are right, for $${cost.toFixed(6)}`
  ].join("\n")
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , rows = "rows.json", results = "results.jsonl"] = process.argv
  evaluation({ rows, results }).pipe(
    Effect.flatMap(({ missing, results }) => Console.log(`${table(results)}\n${missing} rows are left`)),
    Effect.provide(Layer.provide(OpenRouterClient.layer(), NodeClient.layer())),
    Effect.provide(NodeContext.layer),
    NodeRuntime.runMain
  )
}
