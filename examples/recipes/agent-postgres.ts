/**
 * An agent whose work survives its process. Jobs and conversations are in Postgres: a worker that starts again under its
 * name takes over what it had begun, and pays for no finished turn again. A refund is paid once, whatever happens.
 *
 * Packages: `effect-openrouter`, `effect`, `@effect/platform`, `@effect/platform-node`, `@effect/sql`,
 * `@effect/experimental`, `@effect/sql-pg`.
 *
 * It needs `OPENROUTER_API_KEY`, and `DATABASE_URL` such as `postgres://localhost/app`. Begin a job, and kill it:
 * `npx tsx examples/recipes/agent-postgres.ts worker-1 order-17 "Refund the lamp, 49 euros."`
 * Then go on with it: `npx tsx examples/recipes/agent-postgres.ts worker-1`
 */
import { NodeRuntime } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import * as Migrator from "@effect/sql/Migrator"
import * as SqlClient from "@effect/sql/SqlClient"
import { Config, Console, Effect, Layer, Schema } from "effect"
import { Agent, Conversation, OpenRouterClient, StopWhen, Tool, Toolkit } from "effect-openrouter"
import { NodeClient } from "effect-openrouter/node"
import { SqlConversation } from "effect-openrouter/sql"
import { fileURLToPath } from "node:url"

const statement = (text: string) => Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(text))

/** Makes the tables that are missing. Any number of processes may do so at the same time. */
export const migrate = Migrator.make({})({
  loader: Migrator.fromRecord({
    "0001_conversations": SqlConversation.migrate(),
    "0002_jobs": statement(
      "CREATE TABLE jobs (id TEXT PRIMARY KEY, worker TEXT NOT NULL, input TEXT NOT NULL, response TEXT, cost FLOAT)"
    ),
    "0003_refunds": statement("CREATE TABLE refunds (key TEXT PRIMARY KEY, item TEXT NOT NULL, euros INTEGER NOT NULL)")
  })
})

const Shop = Toolkit.make(
  Tool.make("refund", {
    description: "Pays the price of an item back",
    parameters: Schema.Struct({ item: Schema.String, euros: Schema.Int }),
    failure: Schema.String
  })
)

export const ShopLive = Shop.toLayer({
  // The key is the same when the call is executed again after a crash
  refund: ({ euros, item }, { idempotencyKey }) =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* sql`
        INSERT INTO refunds (key, item, euros) VALUES (${idempotencyKey}, ${item}, ${euros}) ON CONFLICT DO NOTHING`
    }).pipe(Effect.mapError(() => "The refund is not stored."))
})

interface Job {
  readonly id: string
  readonly input: string
}

/**
 * Does a job to its end. The same `runId` is the same run: in another process it takes its conversation over at once,
 * before the end of the lease, and goes on where it was. A process that is not dead after all then fails, and spends no
 * more.
 */
const work = ({ id, input }: Job) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const run = yield* Agent.run({
      model: "openai/gpt-5-nano",
      instructions: "You work for a shop.",
      tools: Shop,
      conversation: id,
      runId: id,
      input,
      stopWhen: StopWhen.maxCost(0.1)
    })
    const { cost } = Conversation.usage(yield* Conversation.load(id))
    yield* sql`UPDATE jobs SET response = ${run.text}, cost = ${cost} WHERE id = ${id}`
    yield* Console.log(`${id}: ${run.text} (${run.outcome._tag}, $${cost.toFixed(4)})`)
  })

/** Begins a job. A job that is known already is not begun again. */
export const begin = (worker: string, { id, input }: Job) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const added = yield* sql`
      INSERT INTO jobs (id, worker, input) VALUES (${id}, ${worker}, ${input}) ON CONFLICT DO NOTHING RETURNING id`
    if (added.length > 0) yield* work({ id, input })
  })

/** Goes on with what the process that had this name has not finished. */
export const resume = (worker: string) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const jobs = yield* sql<Job>`SELECT id, input FROM jobs WHERE worker = ${worker} AND response IS NULL ORDER BY id`
    yield* Effect.forEach(
      jobs,
      (job) => Effect.catchAll(work(job), (error) => Effect.logError(`${job.id}: ${error.message}`)),
      { concurrency: 4, discard: true }
    )
  })

/** A pool of at most ten connections. */
const Database = PgClient.layerConfig({
  url: Config.redacted("DATABASE_URL"),
  maxConnections: Config.succeed(10)
})

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , worker = "worker-1", id, input] = process.argv
  Effect.gen(function*() {
    yield* migrate
    yield* Effect.gen(function*() {
      yield* resume(worker)
      if (id !== undefined && input !== undefined) yield* begin(worker, { id, input })
    }).pipe(Effect.provide(SqlConversation.layerWithoutMigrations()), Effect.provide(ShopLive))
  }).pipe(
    Effect.provide(Database),
    Effect.provide(Layer.provide(OpenRouterClient.layer(), NodeClient.layer())),
    NodeRuntime.runMain
  )
}
