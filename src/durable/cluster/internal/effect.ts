/** What Effect 3 and Effect 4 say differently of clusters, beyond a name. */
import type { MessageStorage } from "@effect/cluster/MessageStorage"
import type { Sharding } from "@effect/cluster/Sharding"
import type * as ShardingConfig from "@effect/cluster/ShardingConfig"
import * as SingleRunner from "@effect/cluster/SingleRunner"
import * as NodeClusterSocket from "@effect/platform-node/NodeClusterSocket"
import type { SocketServerError } from "@effect/platform/SocketServer"
import type { SqlClient } from "@effect/sql/SqlClient"
import type * as Layer from "effect/Layer"
import type { ConfigError } from "../../../internal/effect/config.js"

/** @internal */
export type Config = Partial<ShardingConfig.ShardingConfig["Type"]>

/** What an engine stands on. */
type Cluster<E> = Layer.Layer<Sharding | MessageStorage, E, SqlClient>

/** @internal */
export const single = (shardingConfig: Config): Cluster<ConfigError> =>
  SingleRunner.layer({ runnerStorage: "memory", shardingConfig })

/** @internal */
export const runner = (shardingConfig: Config): Cluster<ConfigError | SocketServerError> =>
  NodeClusterSocket.layer({ storage: "sql", shardingConfig })

/** @internal */
export const client = (shardingConfig: Config): Cluster<ConfigError> =>
  NodeClusterSocket.layer({ clientOnly: true, storage: "sql", shardingConfig })
