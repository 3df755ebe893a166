import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { needing, traffic } from "../../scripts/fixtures/fixtures.js"
import * as ChatProtocol from "../../src/response/chatProtocol.js"
import { ChatStreamChunk } from "../../src/schema/Chat.js"
import { conversionOf } from "../../src/schema/jsonSchema.js"
import * as Chat from "../../src/services/Chat.js"
import { GrowingOutput } from "../../src/services/growingOutput.js"
import * as EventStream from "../../src/stream/EventStream.js"
import { exchanges } from "../recorded/support/traffic.js"

const conversion = <A, I, R>(schema: Schema.Schema<A, I, R>, strict?: boolean) =>
  conversionOf(schema, { strict }) ?? assert.fail("no JSON Schema")

describe("GrowingOutput", () => {
  it("keeps what it showed until another text shows something", () => {
    const output = new GrowingOutput(conversion(Schema.Struct({ a: Schema.String })))
    const take = (text: string) => {
      output.push(text)
      return output.take().partial?.value
    }
    assert.deepStrictEqual(take("{\"a\":\"x"), { a: "x" })
    output.clear()
    assert.isUndefined(take("{"))
    assert.isUndefined(take("}"))
    assert.deepStrictEqual(take("{\"a\":\""), { a: "" })
    assert.isUndefined(take(""))
  })

  it("numbers the elements of each value from 0, and leaves out those of other values", () => {
    const output = new GrowingOutput(conversion(Schema.Struct({ a: Schema.Array(Schema.Int) })), "a")
    output.push("{\"a\":[1,2]} or {\"b\":[5],\"a\":[6]} or {\"a\":[3,")
    assert.deepStrictEqual(output.take().elements, [
      { index: 0, element: 1 },
      { index: 1, element: 2 },
      { index: 0, element: 6 },
      { index: 0, element: 3 }
    ])
    output.push("4")
    assert.deepStrictEqual(output.take().elements, [])
    output.push("]")
    assert.deepStrictEqual(output.take().elements, [{ index: 1, element: 4 }])
  })
})

const recorded = exchanges.filter(({ kind, request }) =>
  kind === "chat.sse" && Reflect.get(Object(request?.["response_format"]), "type") === "json_schema"
)

describe.skipIf(!traffic.isPresent)(needing("recorded streams", traffic), () => {
  it.effect("show the value that their whole text has", () =>
    Effect.gen(function*() {
      const Fields = Schema.Record({ key: Schema.String, value: Schema.Unknown })
      let shown = 0
      let whole = 0
      for (const { body } of recorded) {
        const output = new GrowingOutput(conversion(Fields, false))
        let text = ""
        let last: unknown
        yield* Stream.make(Uint8Array.from(body)).pipe(
          EventStream.decode(ChatProtocol.protocol, ChatStreamChunk, { documented: [] }),
          Chat.textDeltas,
          Stream.runForEach((delta) =>
            Effect.sync(() => {
              text += delta
              output.push(delta)
              const { partial } = output.take()
              if (partial === undefined) return
              shown++
              last = partial.value
            })
          )
        )
        // One of them is a refusal
        if (text === "") continue
        whole++
        assert.deepStrictEqual(last, JSON.parse(text))
      }
      assert.isAbove(whole, 1)
      assert.isAbove(shown, 20)
    }))
})
