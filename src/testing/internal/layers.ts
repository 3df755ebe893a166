import type { HttpClient } from "@effect/platform/HttpClient"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as OpenRouterClient from "../../http/OpenRouterClient.js"

/**
 * The real client over a scripted HttpClient, with a key of its own and deaf to the environment of the test. Options
 * that cannot be right are a mistake of the test.
 *
 * @internal
 */
export const makeClient = (
  options: OpenRouterClient.Options
): Effect.Effect<OpenRouterClient.OpenRouterClient.Service, never, HttpClient> =>
  OpenRouterClient.make({ apiKey: Redacted.make("test-key"), ...options }).pipe(
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map())),
    Effect.orDie
  )
