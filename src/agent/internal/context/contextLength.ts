/** The context length of a model, which OpenRouter tells. */
import * as Effect from "effect/Effect"
import * as OpenRouterClient from "../../../http/OpenRouterClient.js"
import { get } from "../../../services/endpoints/Models.js"

/** What the clients of this process know, by the id of the model. */
const known = new WeakMap<OpenRouterClient.OpenRouterClient.Service, Map<string, number | undefined>>()

/** Nobody waits for it: the turn goes on meanwhile, and takes longer than this as a rule. */
const limits = { timeout: "5 seconds", retry: false } as const

/**
 * The context length of the model of a request; `undefined` if nobody knows it: for a router, for the default model of the
 * account, or while OpenRouter does not respond. It is asked for once for each model of a client.
 *
 * @internal
 */
export const contextLengthOf = (
  { model }: { readonly model?: string | null | undefined }
): Effect.Effect<number | undefined, never, OpenRouterClient.OpenRouterClient> =>
  Effect.flatMap(OpenRouterClient.OpenRouterClient, (client) => {
    const lengths = known.get(client) ?? new Map<string, number | undefined>()
    known.set(client, lengths)
    const [author, slug] = /^~?([^/]+)\/(.+)$/.exec(model ?? "")?.slice(1) ?? []
    if (model === undefined || model === null || author === undefined || slug === undefined) {
      return Effect.succeed(undefined)
    }
    if (lengths.has(model)) return Effect.succeed(lengths.get(model))
    return OpenRouterClient.withOptions(get({ author, slug }), limits).pipe(
      Effect.map(({ data }) => data.context_length ?? undefined),
      Effect.catchTag("NotFoundResponseError", () => Effect.succeed(undefined)),
      Effect.tap((length) => Effect.sync(() => void lengths.set(model, length))),
      Effect.catchAll((error) =>
        Effect.as(Effect.logDebug("agent: the context length of the model is not known", error), undefined)
      )
    )
  })
