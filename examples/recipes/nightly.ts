/**
 * A job that runs every night: it summarizes the documents of a folder, and has a budget. It stops before the budget is
 * overspent, reports what it did and what that cost, and continues with the other documents in the next night.
 *
 * Packages: `effect-openrouter`, `effect`, `@effect/platform`, `@effect/platform-node`.
 *
 * `OPENROUTER_API_KEY=… npx tsx examples/recipes/nightly.ts ./documents` waits for two o'clock; with `--now` it does the
 * work of one night and ends. The summary of `report.txt` is `report.summary.txt`.
 */
import { FileSystem, Path } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Effect, Layer, Schedule } from "effect"
import { Agent, Budget, OpenRouterClient } from "effect-openrouter"
import { NodeClient } from "effect-openrouter/node"
import { fileURLToPath } from "node:url"

export interface Options {
  readonly folder: string
  /** What a night may cost, in USD. */
  readonly budget: number
  /** The most that one document may cost: no document begins unless so much is left. */
  readonly perDocument: number
}

const summarize = (text: string, budget: Budget.Budget) =>
  Agent.run({
    model: "openai/gpt-5-nano",
    instructions: "Summarize the document in three sentences.",
    input: text,
    // Together with the length of the documents, this limits the price of one
    max_output_tokens: 500,
    budget
  }).pipe(
    Effect.filterOrFail(
      ({ outcome }) => outcome._tag === "completed",
      ({ outcome }) => new Error(`There is no whole summary: ${outcome._tag}`)
    )
  )

/** The work of one night. Documents that have a summary are done. */
export const night = ({ budget: limit, folder, perDocument }: Options) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const budget = yield* Budget.make({ usd: limit })
    const report = { done: 0, failed: 0, left: 0 }
    let isPaid = true
    for (const name of (yield* fs.readDirectory(folder)).toSorted()) {
      if (!name.endsWith(".txt") || name.endsWith(".summary.txt")) continue
      const summary = path.join(folder, name.replace(/txt$/, "summary.txt"))
      if (yield* fs.exists(summary)) continue
      const { cost } = yield* Budget.spent(budget)
      if (!isPaid || cost + perDocument > limit) {
        report.left++
        continue
      }
      yield* Effect.flatMap(fs.readFileString(path.join(folder, name)), (text) => summarize(text, budget)).pipe(
        Effect.flatMap(({ text }) => fs.writeFileString(summary, text)),
        Effect.matchEffect({
          onSuccess: () => Effect.sync(() => report.done++),
          onFailure: (error) => {
            report.failed++
            // Without credits the other documents would fail, too
            isPaid = Agent.httpStatus(error) !== 402
            return Effect.logWarning(`${name}: ${error.message}`)
          }
        })
      )
    }
    const { cost } = yield* Budget.spent(budget)
    const { done, failed, left } = report
    yield* Effect.log(`${done} done, ${failed} failed, ${left} left, for $${cost.toFixed(4)} of $${limit}`)
    return { ...report, cost }
  })

/** Every night at two. A night that fails, for example because there is no folder, does not end the job. */
export const nightly = (options: Options) =>
  night(options).pipe(
    Effect.catchAll((error) => Effect.logError(error.message)),
    Effect.schedule(Schedule.cron("0 2 * * *", "Europe/Berlin"))
  )

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder = "documents"] = process.argv.slice(2).filter((argument) => !argument.startsWith("--"))
  const options = { folder, budget: 0.5, perDocument: 0.01 }
  Effect.gen(function*() {
    return process.argv.includes("--now") ? yield* night(options) : yield* nightly(options)
  }).pipe(
    Effect.provide(Layer.provide(OpenRouterClient.layer(), NodeClient.layer())),
    Effect.provide(NodeContext.layer),
    NodeRuntime.runMain
  )
}
