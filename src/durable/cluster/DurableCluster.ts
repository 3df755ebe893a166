/**
 * Engines that keep executions in a database: one process over SQLite, or any number over Postgres or MySQL. They are those of
 * `@effect/cluster`, with the settings that runs of agents need.
 *
 * @since 0.1.0
 */
import * as ClusterWorkflowEngine from "@effect/cluster/ClusterWorkflowEngine"
import * as RunnerAddress from "@effect/cluster/RunnerAddress"
import type { SocketServerError } from "@effect/platform/SocketServer"
import type * as SqlClient from "@effect/sql/SqlClient"
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { ConfigError } from "../../internal/effect/config.js"
import { prepareDatabase, type UnsuitableDatabaseError } from "./internal/database.js"
import { client, type Config, runner, single } from "./internal/effect.js"

export { UnsuitableDatabaseError } from "./internal/database.js"

/**
 * Settings of every engine. All processes of a cluster need the same ones.
 *
 * @since 0.1.0
 * @category models
 */
export interface Settings {
  /** How often an engine looks for decisions and starts that other processes wrote. Default: a second. */
  readonly poll?: Duration.DurationInput | undefined
  /**
   * The time after which others take over the work of a process that does not answer. A process that is only slow loses its
   * work then, too. Default: 6 seconds.
   */
  readonly takeOver?: Duration.DurationInput | undefined
  /**
   * How long a process that ends waits for turns and tools under way. What is interrupted then is paid and done again by
   * another process: give it the time of your longest turn, and your platform the same grace period. Default: 5 minutes.
   */
  readonly drain?: Duration.DurationInput | undefined
}

/**
 * Where a process of a cluster can be reached by the others.
 *
 * @since 0.1.0
 * @category models
 */
export interface Address {
  readonly host: string
  readonly port: number
}

const configOf = ({ drain = "5 minutes", poll = "1 second", takeOver = "6 seconds" }: Settings): Config => {
  const expiration = Duration.decode(takeOver)
  const third = Duration.times(expiration, 1 / 3)
  return {
    entityMessagePollInterval: poll,
    entityTerminationTimeout: drain,
    shardLockExpiration: expiration,
    shardLockRefreshInterval: third,
    runnerHealthCheckInterval: third,
    refreshAssignmentsInterval: poll
  }
}

/**
 * One process that keeps its executions in a database, such as a file of SQLite. After a restart it continues them. Never
 * start two of them over one database.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { SqlClient } from "@effect/sql"
 * import { Layer } from "effect"
 * import { DurableCluster } from "effect-openrouter/durable/cluster"
 *
 * // Such as LibsqlClient.layer({ url: "file:runs.db", intMode: "bigint" })
 * declare const database: Layer.Layer<SqlClient.SqlClient>
 *
 * const EngineLive = Layer.provide(DurableCluster.layerSingle(), database)
 * ```
 */
export const layerSingle = (
  settings: Settings = {}
): Layer.Layer<WorkflowEngine, ConfigError | UnsuitableDatabaseError, SqlClient.SqlClient> =>
  over(single(configOf(settings)))

/**
 * A process of a cluster over one database of Postgres or MySQL. The others reach it at its address. Start the first one alone:
 * it makes the tables.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerRunner = (
  { host, port }: Address,
  settings: Settings = {}
): Layer.Layer<WorkflowEngine, ConfigError | SocketServerError | UnsuitableDatabaseError, SqlClient.SqlClient> =>
  over(runner({ ...configOf(settings), runnerAddress: Option.some(RunnerAddress.make(host, port)) }))

/**
 * A process that starts runs, decides about calls and waits for results, and carries out none.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerClient = (
  settings: Settings = {}
): Layer.Layer<WorkflowEngine, ConfigError | UnsuitableDatabaseError, SqlClient.SqlClient> =>
  over(client(configOf(settings)))

/** The engine over a cluster, after a look at the database. */
const over = <E>(
  cluster: Layer.Layer<Layer.Layer.Success<ReturnType<typeof single>>, E, SqlClient.SqlClient>
): Layer.Layer<WorkflowEngine, E | UnsuitableDatabaseError, SqlClient.SqlClient> =>
  Layer.unwrapEffect(Effect.as(prepareDatabase, Layer.provide(ClusterWorkflowEngine.layer, cluster)))
