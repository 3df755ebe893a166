/** The whole matrix, over one of the clients that applications have. */
import * as HttpClient from "@effect/platform/HttpClient"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { body } from "../table/body.js"
import { connection } from "../table/connection.js"
import { errors } from "../table/errors.js"
import { odd } from "../table/odd.js"
import { status } from "../table/status.js"
import { check, type Client, run, within, World, world } from "./matrix.js"

const tables = {
  "a connection": connection,
  "a response": body,
  "an error under a good status": errors,
  "a status": status,
  "an odd response": odd
}

export const suite = (client: Client, http: Layer.Layer<HttpClient.HttpClient>): void =>
  layer(Layer.merge(world, http), { excludeTestServices: true })(`over ${client}`, (it) => {
    for (const [title, faults] of Object.entries(tables)) {
      for (const fault of faults) {
        it.effect(`${title}: ${fault.name}`, () =>
          Effect.gen(function*() {
            check(client, fault, yield* run(yield* World, fault, yield* HttpClient.HttpClient))
          }))
      }
    }

    it.effect("leaves no connection open, and no unhandled failure", () =>
      Effect.gen(function*() {
        const { site, strays } = yield* World
        // A client may keep one for the next request, for a while
        yield* within(site.closed, () => `${site.open()} connections are open`)
        assert.deepStrictEqual(strays, [])
      }))
  })
