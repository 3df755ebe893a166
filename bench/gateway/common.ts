/** What the processes of the gateway's benchmark share. */
import type { Server } from "node:http"
import { performance } from "node:perf_hooks"

/** Milliseconds of a clock that all processes of this machine share. */
export const now = (): number => performance.timeOrigin + performance.now()

/** Serves until the parent leaves, and tells it the port. */
export const listen = (server: Server): void => {
  server.keepAliveTimeout = 60_000
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    process.send?.({ port: typeof address === "object" ? address?.port : undefined })
  })
  process.on("disconnect", () => process.exit(0))
}

/** The load of one measurement. */
export interface Load {
  readonly url: string
  readonly streams: number
  /** Milliseconds until all streams are open, and of the measurement that follows. */
  readonly warmUp: number
  readonly time: number
}

/** What the readers saw: milliseconds beyond those that the model took for its first token, and to send the others. */
export interface Seen {
  readonly tokens: number
  readonly failures: number
  readonly first: Percentiles
  readonly later: Percentiles
}

export interface Percentiles {
  readonly p50: number
  readonly p99: number
}

export const percentiles = (times: ReadonlyArray<number>): Percentiles => {
  const sorted = Float64Array.from(times).sort()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
  return { p50: at(0.5), p99: at(0.99) }
}

/** What a gateway used since it was asked to begin: milliseconds of CPU, and bytes of memory beyond those at rest. */
export interface Used {
  readonly cpu: number
  readonly memory: number
}
