/**
 * Options for TanStack Query, made of endpoints. They are plain objects, for the hooks of React, Solid, Vue and Svelte and for
 * a `QueryClient`. It needs the package `@tanstack/query-core`, for its types alone.
 *
 * @since 0.1.0
 */
import type { DataTag, InfiniteData, MutationFunction, QueryKey, QueryOptions } from "@tanstack/query-core"
import * as Cause from "effect/Cause"
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as ManagedRuntime from "effect/ManagedRuntime"
import { type Endpoint, nextPage, type PagedEndpoint, type ReadEndpoint } from "../http/Endpoint.js"
import type { OpenRouterClient } from "../http/OpenRouterClient.js"

/**
 * Options of {@link make}.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<ER> {
  /** Runs the calls. Make one for the application; it may provide more than the client. */
  readonly runtime: ManagedRuntime.ManagedRuntime<OpenRouterClient, ER>
  /** Whose data it is, such as the id of a user. It is a part of each key, so that a cache never shows it to another user. */
  readonly scope: string
}

/** What `retry` may be. Hooks infer the type of errors from it. */
type Retry<E> = NonNullable<QueryOptions<unknown, E>["retry"]>

/**
 * The options of a query: for `useQuery`, `useSuspenseQuery`, `prefetchQuery` and `ensureQueryData`. Its key gives
 * `getQueryData` and `setQueryData` their types.
 *
 * @since 0.1.0
 * @category models
 */
export interface Query<A, E> {
  readonly queryKey: DataTag<QueryKey, A, E>
  readonly queryFn: (context: { readonly signal: AbortSignal }) => Promise<A>
  /** Always `false`: the client retries already. */
  readonly retry: Retry<E>
}

/**
 * The options of a query whose pages are read one after another: for `useInfiniteQuery` and `prefetchInfiniteQuery`.
 *
 * @since 0.1.0
 * @category models
 */
export interface InfiniteQuery<Params, A, E> {
  readonly queryKey: DataTag<QueryKey, InfiniteData<A, Params>, E>
  readonly queryFn: (context: { readonly signal: AbortSignal; readonly pageParam: Params }) => Promise<A>
  readonly initialPageParam: Params
  readonly getNextPageParam: (page: A, pages: ReadonlyArray<A>, params: Params) => Params | undefined
  /** Always `false`: the client retries already. */
  readonly retry: Retry<E>
}

/**
 * The options of a mutation, for `useMutation`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Mutation<Params, A, E> {
  readonly mutationKey: QueryKey
  readonly mutationFn: MutationFunction<A, Params>
  /** Always `false`: the client retries already. */
  readonly retry: Retry<E>
}

/**
 * An endpoint, or the name of a resource such as `apiKeys`, which stands for all its endpoints.
 *
 * @since 0.1.0
 * @category models
 */
export type Target = { readonly name: string } | string

/**
 * Options of a mutation.
 *
 * @since 0.1.0
 * @category models
 */
export interface MutationOptions {
  /** Whose queries the mutation makes stale. Default: those of the resource of its endpoint. */
  readonly invalidates?: ReadonlyArray<Target> | undefined
}

/**
 * The parameters of an endpoint as arguments: none are needed if all are optional.
 *
 * @since 0.1.0
 * @category models
 */
export type Arguments<Params> = void extends Params ? [params?: Exclude<Params, void>] : [params: Params]

/**
 * Makes options of endpoints. `ER` is the error of the runtime.
 *
 * @since 0.1.0
 * @category models
 */
export interface Queries<ER> {
  /**
   * A query of an endpoint that reads. An endpoint that writes or costs money is a mutation, because a cache repeats its
   * queries when it likes: when a window gets the focus, for example.
   */
  readonly query: <Params, A, E>(
    endpoint: ReadEndpoint<Params, A, E>,
    ...params: Arguments<NoInfer<Params>>
  ) => Query<A, E | ER>
  /** A query of an endpoint with pages. The first page is the one that the parameters name. */
  readonly infinite: <Params, A, E>(
    endpoint: PagedEndpoint<Params, A, E>,
    ...params: Arguments<NoInfer<Params>>
  ) => InfiniteQuery<Exclude<Params, void>, A, E | ER>
  /**
   * A mutation: a call that something starts, such as a click. After a success it waits until the queries on the screen that it
   * made stale are read again; after a failure it does not wait.
   */
  readonly mutation: <Params, A, E>(
    endpoint: Endpoint<Params, A, E>,
    options?: MutationOptions
  ) => Mutation<Params, A, E | ER>
  /** The start of the keys of an endpoint or a resource, for `invalidateQueries` and other filters. */
  readonly keyOf: (target: Target, params?: object) => QueryKey
  /**
   * Runs any effect, for queries and mutations of your own. The promise rejects with the error of the effect itself, and with
   * an `AbortError` after an interruption. The signal interrupts the effect.
   */
  readonly run: <A, E>(effect: Effect.Effect<A, E, OpenRouterClient>, signal?: AbortSignal) => Promise<A>
}

/**
 * Makes options of endpoints for TanStack Query, of any framework.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { QueryClient } from "@tanstack/query-core"
 * import { Layer, ManagedRuntime } from "effect"
 * import { ApiKeys, Models, OpenRouterClient } from "effect-openrouter"
 * import { OpenRouterQuery } from "effect-openrouter/query"
 *
 * const runtime = ManagedRuntime.make(Layer.provide(OpenRouterClient.layer({}), FetchHttpClient.layer))
 * const openRouter = OpenRouterQuery.make({ runtime, scope: "user-17" })
 * const client = new QueryClient()
 *
 * const names = async () => {
 *   const models = await client.ensureQueryData(openRouter.query(Models.list, { category: "programming" }))
 *   await client.invalidateQueries({ queryKey: openRouter.keyOf(ApiKeys.list) })
 *   return models.data.map(({ name }) => name)
 * }
 * ```
 */
export const make = <ER>({ runtime, scope }: Options<ER>): Queries<ER> => {
  const run: Queries<ER>["run"] = (effect, signal) =>
    runtime.runPromiseExit(effect, { signal }).then((exit) => {
      if (Exit.isSuccess(exit)) return exit.value
      throw Cause.isInterruptedOnly(exit.cause)
        ? new DOMException("The call was interrupted", "AbortError")
        : Cause.squash(exit.cause)
    })
  const keyOf = (target: Target, params?: object): QueryKey => [
    "openrouter",
    scope,
    ...(typeof target === "string" ? target : target.name).split("."),
    ...(params === undefined ? [] : [params])
  ]
  const retry = false
  return {
    run,
    keyOf,
    query: <Params, A, E>(
      endpoint: ReadEndpoint<Params, A, E>,
      ...args: Arguments<NoInfer<Params>>
    ): Query<A, E | ER> => {
      const params = only<Params>(args)
      return {
        queryKey: tagged(keyOf(endpoint, params)),
        queryFn: reading(({ signal }) => run(endpoint(params), signal)),
        retry
      }
    },
    infinite: <Params, A, E>(
      endpoint: PagedEndpoint<Params, A, E>,
      ...args: Arguments<NoInfer<Params>>
    ): InfiniteQuery<Exclude<Params, void>, A, E | ER> => {
      const first = only<Params>(args)
      return {
        queryKey: tagged([...keyOf(endpoint, first), "pages"]),
        queryFn: reading(({ pageParam, signal }) => run(endpoint(pageParam), signal)),
        initialPageParam: first,
        getNextPageParam: (page, _pages, params) => nextPage(endpoint, params, page),
        retry
      }
    },
    mutation: <Params, A, E>(
      endpoint: Endpoint<Params, A, E>,
      options?: MutationOptions
    ): Mutation<Params, A, E | ER> => ({
      mutationKey: keyOf(endpoint),
      mutationFn: (params, { client }) => {
        const targets = options?.invalidates ?? [endpoint.name.split(".")[0] ?? endpoint.name]
        const invalidate = () =>
          Promise.all(targets.map((target) => client.invalidateQueries({ queryKey: keyOf(target) })))
        return run(endpoint(params)).then(
          (value) => invalidate().then(() => value),
          (error: unknown) => {
            void invalidate()
            throw error
          }
        )
      },
      retry
    })
  }
}

/** The parameters among the arguments: an endpoint that is called without any takes an empty object as well. */
const only = <Params>([params]: Arguments<NoInfer<Params>>): Exclude<Params, void> & object =>
  // The compiler does not know that parameters are objects, nor which of the two forms `Arguments` has here
  (params ?? {}) as Exclude<Params, void> & object

/** The same key, with the types of what stands under it. */
const tagged = <A, E>(key: QueryKey): DataTag<QueryKey, A, E> =>
  // The tags are types alone
  key as DataTag<QueryKey, A, E>

/**
 * Reads the signal one microtask later. React's `StrictMode` mounts each component twice at once, and a query whose signal was
 * read is aborted and sent again.
 */
const reading = <Context, A>(read: (context: Context) => Promise<A>) => (context: Context): Promise<A> =>
  Promise.resolve().then(() => read(context))
