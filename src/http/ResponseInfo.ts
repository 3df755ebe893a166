/**
 * The safe facts of a response beside its body.
 *
 * @since 0.1.0
 */

/**
 * What the headers of a response tell. `rateLimit.reset` is in milliseconds since the epoch; `cache.age` and
 * `cache.ttl` are in seconds.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResponseInfo {
  readonly status: number
  /** How many requests it took. */
  readonly attempts: number
  /** The id to ask `Generations.getGeneration` for. */
  readonly generationId?: string | undefined
  readonly provider?: string | undefined
  readonly rateLimit?: {
    readonly limit?: number | undefined
    readonly remaining?: number | undefined
    readonly reset?: number | undefined
  } | undefined
  readonly cache?: {
    readonly status: string
    readonly age?: number | undefined
    readonly ttl?: number | undefined
    readonly sourceId?: string | undefined
  } | undefined
}

/**
 * A decoded answer together with the facts of its response.
 *
 * @since 0.1.0
 * @category models
 */
export interface WithResponse<A> {
  readonly data: A
  readonly response: ResponseInfo
}
