/** The client of the page, and the options that its components take. */
import { FetchHttpClient } from "@effect/platform"
import { Layer, ManagedRuntime, Redacted } from "effect"
import { OpenRouterClient } from "effect-openrouter"
import { OpenRouterQuery } from "effect-openrouter/query"

// A real page has the key of its user from a login with OAuth
const runtime = ManagedRuntime.make(Layer.provide(
  OpenRouterClient.layer({
    apiKey: Redacted.make("sk-or-v1-of-this-user"),
    baseUrl: document.body.dataset["baseUrl"],
    retry: false
  }),
  FetchHttpClient.layer
))

export const openRouter = OpenRouterQuery.make({ runtime, scope: "user-17" })
