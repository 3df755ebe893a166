/** The kernel under every endpoint of OpenRouter: what each row promises, it does. */
import { assert, describe, it } from "@effect/vitest"
import * as Library from "effect-openrouter"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { readFileSync } from "node:fs"
import { root } from "../../scripts/fixtures/fixtures.js"
import type { OpenRouterClient } from "../../src/http/OpenRouterClient.js"
import { errorClassByStatus } from "../../src/http/OpenRouterError.js"
import { pathParameters } from "../../src/http/row.js"
import type { Row } from "../../src/http/row.js"
import { memory, over, respond } from "./support/memory.js"
import { statuses } from "./support/rows.js"

type Outcome =
  | Effect.Effect<unknown, { readonly _tag: string }, OpenRouterClient>
  | Stream.Stream<unknown, { readonly _tag: string }, OpenRouterClient>

type Endpoint = Row & ((params: unknown) => Outcome)

const isEndpoint = (u: unknown): u is Endpoint =>
  typeof u === "function" && "operationId" in u && "path" in u && "auth" in u

const endpoints = [...new Set(Object.values(Library).flatMap((module) => Object.values(module)))].filter(isEndpoint)

const run = (endpoint: Endpoint, params: unknown) => {
  const outcome = endpoint(params)
  return Effect.isEffect(outcome) ? outcome : Stream.runDrain(outcome)
}

/** Parameters that satisfy the path. */
const named = (row: Row) => Object.fromEntries(pathParameters(row.path).map((name) => [name, `the ${name}`]))

const options = { retry: false } as const

describe("every endpoint", () => {
  it("exists", () => {
    const { operations } = JSON.parse(readFileSync(`${root}scripts/generate/digest.json`, "utf8"))
    assert.includeMembers(endpoints.map(({ operationId }) => operationId), Object.keys(operations))
    assert.strictEqual(new Set(endpoints.map(({ name, success }) => `${name} ${success}`)).size, endpoints.length)
  })

  it.effect("requests its path with its method and its parameters", () =>
    Effect.forEach(endpoints, (endpoint) =>
      Effect.gen(function*() {
        const wire = memory(respond(503))
        yield* Effect.flip(Effect.provide(run(endpoint, named(endpoint)), over(wire, options)))
        const [request] = wire.requests
        assert.lengthOf(wire.requests, 1, endpoint.name)
        assert.strictEqual(request?.method, endpoint.method)
        const path = endpoint.path.replace(/\{(\w+)\}/g, "the%20$1")
        const place = endpoint.base === undefined ? "v1" : endpoint.base.replace("../", "")
        assert.strictEqual(request?.url, `https://openrouter.ai/api/${place}${path}`)
        assert.strictEqual("authorization" in (request?.headers ?? {}), endpoint.auth !== "none", endpoint.name)
        if (endpoint.body === "json") {
          assert.strictEqual(request?.body, endpoint.success === "sse" ? "{\"stream\":true}" : "{}", endpoint.name)
        }
      })))

  it.effect("fails with the class of each documented status, and with the default class for the others", () =>
    Effect.forEach(statuses, (status) => {
      const wire = memory(respond(status, { error: { code: status, message: "No." } }))
      return Effect.forEach(
        endpoints,
        (endpoint) =>
          Effect.map(Effect.flip(run(endpoint, named(endpoint))), (error) => {
            const expected = endpoint.errors.includes(status)
              ? errorClassByStatus[status].name
              : "OpenRouterDefaultError"
            assert.strictEqual(error._tag, expected, `${endpoint.name} ${status}`)
          })
      ).pipe(Effect.provide(over(wire, options)))
    }))

  it.effect("sends nothing without its path parameters", () =>
    Effect.forEach(endpoints.filter((endpoint) => endpoint.path.includes("{")), (endpoint) =>
      Effect.gen(function*() {
        const wire = memory(respond(200, {}))
        for (const name of pathParameters(endpoint.path)) {
          const params = { ...named(endpoint), [name]: " " }
          const error = yield* Effect.flip(Effect.provide(run(endpoint, params), over(wire, options)))
          assert.strictEqual(error._tag, "InvalidRequestError", endpoint.name)
          assert.propertyVal(error, "parameter", name)
        }
        assert.lengthOf(wire.requests, 0)
      })))

  it.effect("requires a key only if its row does", () =>
    Effect.forEach(endpoints, (endpoint) =>
      Effect.gen(function*() {
        const wire = memory(respond(503))
        const keyless = { ...options, apiKey: undefined }
        const error = yield* Effect.flip(Effect.provide(run(endpoint, named(endpoint)), over(wire, keyless)))
        assert.strictEqual(error._tag === "ConfigError", endpoint.auth === "required", endpoint.name)
        assert.lengthOf(wire.requests, endpoint.auth === "required" ? 0 : 1)
      })))
})
