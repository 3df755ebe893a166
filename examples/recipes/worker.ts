/**
 * A Cloudflare Worker that streams chats as server-sent events. Any other runtime with a `fetch` handler, such as Bun or
 * Deno, can use it as well. When the reader leaves, the request to OpenRouter ends, and with it what it costs.
 *
 * Packages: `effect-openrouter`, `effect`, `@effect/platform`, and `wrangler` to develop and deploy.
 *
 * `npx wrangler dev examples/recipes/worker.ts --compatibility-date 2026-11-01` runs it on your machine, with the key in the
 * file `.dev.vars`. `npx wrangler deploy examples/recipes/worker.ts --name chats --compatibility-date 2026-11-01` deploys it;
 * `npx wrangler secret put OPENROUTER_API_KEY --name chats` stores the key.
 */
import { FetchHttpClient, HttpApp, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect, Layer, Redacted, Schema, Stream } from "effect"
import { Agent, Chat, OpenRouterClient } from "effect-openrouter"
import { Sse } from "effect-openrouter/ui"

/** The secrets and variables of the Worker. */
interface Env {
  readonly OPENROUTER_API_KEY: string
  /** For a gateway or a test. */
  readonly OPENROUTER_BASE_URL?: string
}

const Question = Schema.Struct({ question: Schema.String })

const failure = (status: number, error: string) => Effect.succeed(HttpServerResponse.unsafeJson({ error }, { status }))

const answer = (question: string) => {
  const text = Chat.stream({ model: "openai/gpt-5-nano", messages: [{ role: "user", content: question }] }).pipe(
    Chat.textDeltas,
    Stream.map((text): { readonly text?: string; readonly error?: string } => ({ text }))
  )
  return Sse.response(text, {
    // A Worker sees that its reader has left when it writes
    keepAlive: "5 seconds",
    event: ({ error }) => error === undefined ? undefined : "error",
    onFailure: () => ({ error: "The response broke off. Please ask again." })
  }).pipe(
    // Only a failure before the first event comes here
    Effect.catchAll((error) => failure(Agent.httpStatus(error), "There is no response."))
  )
}

const chat = Effect.matchEffect(HttpServerRequest.schemaBodyJson(Question), {
  onFailure: () => failure(400, "The body must be JSON with a question."),
  onSuccess: ({ question }) => answer(question)
})

const client = (env: Env) =>
  OpenRouterClient.layer({ apiKey: Redacted.make(env.OPENROUTER_API_KEY), baseUrl: env.OPENROUTER_BASE_URL }).pipe(
    Layer.provide(FetchHttpClient.layer)
  )

export default {
  fetch: (request: Request, env: Env): Promise<Response> =>
    HttpApp.toWebHandler(Effect.provide(chat, client(env)))(request)
}
