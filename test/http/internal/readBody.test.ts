import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Endpoint from "../../../src/http/Endpoint.js"
import { memory, over, respond } from "../support/memory.js"
import { read } from "../support/rows.js"

describe("readJson", () => {
  it.effect("checks a good body once", () =>
    Effect.gen(function*() {
      let checks = 0
      const Counted = Schema.Struct({ id: Schema.String }).pipe(Schema.filter(() => {
        checks++
        return true
      }))
      const counted = Endpoint.json<{ readonly id: string }, { readonly id: string }, 404, "optional">({
        ...read,
        schema: Counted,
        body: "none",
        errors: [404],
        auth: "optional"
      })
      const body = yield* Effect.provide(counted({ id: "1" }), over(memory(respond(200, { id: "1" }))))
      assert.deepStrictEqual(body, { id: "1" })
      assert.strictEqual(checks, 1)
    }))
})
