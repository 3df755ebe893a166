import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { needing, traffic } from "../../scripts/fixtures/fixtures.js"
import * as Chat from "../../src/services/Chat.js"
import * as Responses from "../../src/services/Responses.js"
import * as StructuredOutput from "../../src/services/StructuredOutput.js"
import * as Flow from "../../src/testing/internal/connectionParts.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { exchanges } from "../recorded/support/traffic.js"
import { looked } from "../support/effect/schemas.js"
import { ada, Person } from "./support/person.js"

const messages = [{ role: "user", content: "Who?" }] as const
const model = "openai/gpt-5-nano"

const chat = Chat.object({ model, messages, schema: Person }).pipe(
  Effect.map(({ result, value }) => ({ value, cost: result.usage?.cost }))
)

const responses = Responses.object({ model, input: "Who?", schema: Person }).pipe(
  Effect.map(({ result, value }) => ({ value, cost: result.usage?.cost }))
)

const apis = [["chat", chat], ["responses", responses]] as const

describe("the request", () => {
  it.effect("is not sent when the schema has no JSON Schema", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Chat.object({ model, messages, schema: Schema.Struct({ a: Schema.Unknown }) }))
      assert.strictEqual(error._tag, "JsonSchemaError")
      assert.deepStrictEqual(yield* TestModel.requests, [])
    }).pipe(Effect.provide(TestModel.layer([]))))

  it.effect("has a default name when the schema has no name", () =>
    Effect.gen(function*() {
      const name = <A, I>(schema: Schema.Schema<A, I>) =>
        Effect.map(StructuredOutput.make({ schema }), ({ textFormat }) => textFormat.name)
      assert.strictEqual(yield* name(Schema.Struct({})), "answer")
      assert.strictEqual(yield* name(Schema.Struct({}).annotations({ title: "Été!" })), "_t_")
      assert.strictEqual((yield* name(Schema.Struct({}).annotations({ identifier: "x".repeat(80) }))).length, 64)
    }))
})

describe("the value", () => {
  for (const [api, call] of apis) {
    const returns = (title: string, text: string, expected: typeof Person.Type) =>
      it.effect(`${api}: ${title}`, () =>
        Effect.gen(function*() {
          assert.deepStrictEqual(yield* call, { value: expected, cost: 0.002 })
        }).pipe(Effect.provide(TestModel.layer([Script.turn(text, { cost: 0.002 })]))))

    const whole = { name: "Ada", born: new Date(ada.born), children: ["Byron"] }
    returns("has the type of the schema", JSON.stringify(ada), whole)
    returns(
      "is found in a fenced code block",
      `Sure:\n\`\`\`json\n${JSON.stringify(ada, null, 2)}\n\`\`\`\nAnything else?`,
      whole
    )
    returns("is found between other words", `That {one}: ${JSON.stringify(ada)}. (See [1])`, whole)
    returns("is found after a draft that does not fit", `{"name":"A"} or rather ${JSON.stringify(ada)}`, whole)
    const draft = JSON.stringify({ ...ada, name: "Draft" })
    returns("is the last of several that fit", `First I thought ${draft}, but it is ${JSON.stringify(ada)}.`, whole)
    returns("follows the reasoning", `<think>Is it ${draft}? No.</think>\n${JSON.stringify(ada)}`, whole)
    returns("follows reasoning without an opening mark", `Or ${draft}?</think>Here: ${JSON.stringify(ada)}`, whole)
    returns("has no field for a null", "{\"name\":\"Eve\",\"born\":null,\"children\":[]}", {
      name: "Eve",
      children: []
    })
  }

  it.effect("is unwrapped when the schema is not an object", () =>
    Effect.gen(function*() {
      const { value } = yield* Chat.object({ model, messages, schema: Schema.Array(Schema.Int) })
      assert.deepStrictEqual(value, [2, 3, 5])
    }).pipe(Effect.provide(TestModel.layer(["{\"value\":[2,3,5]}"]))))

  it.effect("is decoded with the services that the schema requires", () =>
    Effect.gen(function*() {
      const Looked = looked((name) => Effect.map(Ages, (ages) => ages[name] ?? 0))
      const { value } = yield* Chat.object({ model, messages, schema: Schema.Struct({ age: Looked }) })
      assert.deepStrictEqual(value, { age: 36 })
    }).pipe(Effect.provideService(Ages, { Ada: 36 }), Effect.provide(TestModel.layer(["{\"age\":\"Ada\"}"]))))

  it.effect("can be read from a stream", () =>
    Effect.gen(function*() {
      const output = yield* StructuredOutput.make({ schema: Person })
      const fromChat = yield* Chat.stream({ model, messages, response_format: output.responseFormat }).pipe(
        Chat.accumulate,
        Effect.flatMap(output.read)
      )
      const fromResponse = yield* Responses.stream({ model, input: "Who?", text: { format: output.textFormat } }).pipe(
        Responses.accumulate,
        Effect.flatMap(output.read)
      )
      assert.deepStrictEqual([fromChat.name, fromResponse.name], ["Ada", "Ada"])
    }).pipe(Effect.provide(TestModel.layer([JSON.stringify(ada), JSON.stringify(ada)]))))

  it.effect("is read from the last message of a response", () =>
    Effect.gen(function*() {
      const { read } = yield* StructuredOutput.make({ schema: Person })
      const message = (id: string, text: string) => ({
        type: "message" as const,
        id,
        role: "assistant" as const,
        status: "completed",
        content: [{ type: "output_text" as const, text, annotations: [] }]
      })
      const { name } = yield* read({
        id: "resp_1",
        model,
        output: [
          message("1", JSON.stringify({ ...ada, name: "Draft" })),
          message("2", JSON.stringify(ada)),
          message("3", "")
        ]
      })
      assert.strictEqual(name, "Ada")
    }))
})

class Ages extends Context.Tag("test/Ages")<Ages, { readonly [name: string]: number }>() {}

describe("a response without the value", () => {
  for (const [api, call] of apis) {
    const failing = (turn: Script.TurnInput) => Effect.flip(call).pipe(Effect.provide(TestModel.layer([turn])))

    it.effect(`${api}: fails with the paths that do not fit, and keeps the paid response`, () =>
      Effect.gen(function*() {
        const text = JSON.stringify({ name: 1, children: ["x", 2] })
        const error = yield* failing(Script.turn(text, { cost: 0.25 }))
        if (error._tag !== "StructuredOutputMismatchError") return assert.fail(error._tag)
        assert.strictEqual(error.text, text)
        assert.deepStrictEqual(error.issues.map(({ path }) => path), ["name", "children.1"])
        assert.include(error.message, `Expected string at "name" (and 1 more)`)
        assert.strictEqual(error.response.cost, 0.25)
        assert.isTrue(Schema.is(StructuredOutput.StructuredOutputMismatchError)(error))
        assert.strictEqual(Object(error.response.result).usage.cost, 0.25)
      }))

    it.effect(`${api}: does not show its text in the message, because messages are logged`, () =>
      Effect.gen(function*() {
        const responses = [
          { text: JSON.stringify({ name: "Ada", children: "my secret" }), why: "at \"children\"" },
          { text: JSON.stringify("my secret"), why: "Expected" },
          { text: "my secret", why: "no JSON" }
        ]
        for (const { text, why } of responses) {
          const error = yield* failing(text)
          assert.strictEqual(error._tag, "StructuredOutputMismatchError")
          assert.include(error.message, why)
          assert.notInclude(error.message, "secret")
        }
        const refused = yield* failing([Script.refusal("No word of my secret.")])
        assert.strictEqual(refused._tag, "StructuredOutputRefusedError")
        assert.notInclude(refused.message, "secret")
      }))

    it.effect(`${api}: fails with a clear message when it is not JSON or has no text`, () =>
      Effect.gen(function*() {
        const prose = yield* failing("I would rather not say {anything}.")
        assert.strictEqual(prose._tag, "StructuredOutputMismatchError")
        assert.include(prose.message, "no JSON")
        const call = yield* failing(Script.toolCall("look_up", {}))
        assert.strictEqual(call._tag, "StructuredOutputMismatchError")
        assert.include(call.message, `called the tool "look_up"`)
      }))

    it.effect(`${api}: fails when only the reasoning has a value, and keeps the paid response`, () =>
      Effect.gen(function*() {
        const text = `<think>Perhaps ${JSON.stringify(ada)}.</think>I do not know.`
        const error = yield* failing(Script.turn(text, { cost: 0.25 }))
        if (error._tag !== "StructuredOutputMismatchError") return assert.fail(error._tag)
        assert.strictEqual(error.text, text)
        assert.strictEqual(error.response.cost, 0.25)
      }))

    it.effect(`${api}: fails with the text of a refusal`, () =>
      Effect.gen(function*() {
        const error = yield* failing(Script.turn([Script.refusal("I cannot do that.")], { cost: 0.01 }))
        if (error._tag !== "StructuredOutputRefusedError") return assert.fail(error._tag)
        assert.strictEqual(error.refusal, "I cannot do that.")
        assert.strictEqual(error.response.cost, 0.01)
      }))

    it.effect(`${api}: fails with a refusal without text when a filter removed it`, () =>
      Effect.gen(function*() {
        const error = yield* failing(Script.turn("{\"name\":\"", { finishReason: "content_filter" }))
        if (error._tag !== "StructuredOutputRefusedError") return assert.fail(error._tag)
        assert.isUndefined(error.refusal)
      }))

    it.effect(`${api}: fails with the text that arrived when it was truncated`, () =>
      Effect.gen(function*() {
        const text = "{\"name\":\"Ada\",\"children\":[{\"name\":\"x\",\"children\":[]}"
        const error = yield* failing(Script.turn(text, { finishReason: "length", cost: 0.5 }))
        if (error._tag !== "StructuredOutputTruncatedError") return assert.fail(error._tag)
        assert.strictEqual(error.text, text)
        assert.strictEqual(error.response.cost, 0.5)
        const whole = yield* call.pipe(
          Effect.provide(TestModel.layer([Script.turn(JSON.stringify(ada), { finishReason: "length" })]))
        )
        assert.strictEqual(whole.value.name, "Ada")
      }))

    it.effect(`${api}: does not return a draft of a truncated response`, () =>
      Effect.gen(function*() {
        const text = `Not ${JSON.stringify(ada)} but {"name":`
        const cut = yield* failing(Script.turn(text, { finishReason: "length" }))
        assert.strictEqual(cut._tag, "StructuredOutputTruncatedError")
        const filtered = yield* failing(Script.turn(text, { finishReason: "content_filter" }))
        assert.strictEqual(filtered._tag, "StructuredOutputRefusedError")
      }))

    it.effect(`${api}: fails with the error of the call`, () =>
      Effect.gen(function*() {
        const error = yield* failing(Script.turn([Flow.fail(402, {})]))
        assert.strictEqual(error._tag, "PaymentRequiredResponseError")
      }))
  }

  it.effect("is truncated when only the native finish reason says so", () =>
    Effect.forEach(
      ["length", "max_tokens", "MAX_TOKENS", "max_output_tokens", "model_length"],
      (native) =>
        Effect.gen(function*() {
          const error = yield* Effect.flip(chat)
          assert.strictEqual(error._tag, "StructuredOutputTruncatedError", native)
        }).pipe(Effect.provide(TestModel.layer([
          Script.turn("{\"name\":", { finishReason: "stop", nativeFinishReason: native })
        ])))
    ))

  it.effect("can be retried", () =>
    Effect.gen(function*() {
      const { value } = yield* Effect.retry(chat, {
        times: 1,
        while: (error) => error._tag === "StructuredOutputMismatchError"
      })
      assert.strictEqual(value.name, "Ada")
    }).pipe(Effect.provide(TestModel.layer(["Hm.", JSON.stringify(ada)]))))
})

const recorded = exchanges.filter(({ kind, request }) =>
  kind === "chat.json" && Reflect.get(Object(request?.["response_format"]), "type") === "json_schema"
)

/** What the recorded bytes say, read without the library. */
const expected = (choice: { readonly [key: string]: unknown }): string => {
  const message = Object(choice["message"])
  if (typeof message.refusal === "string") return "StructuredOutputRefusedError"
  if (choice["finish_reason"] === "length") return "StructuredOutputTruncatedError"
  return typeof message.content === "string" ? "value" : "StructuredOutputMismatchError"
}

describe.skipIf(!traffic.isPresent)(needing("recorded responses", traffic), () => {
  it.effect("are values, refusals, truncated, or mismatches, as their bytes say", () =>
    Effect.gen(function*() {
      const fields = Schema.Record({ key: Schema.String, value: Schema.Unknown })
      const { read } = yield* StructuredOutput.make({ schema: fields, strict: false })
      const seen = new Set<string>()
      for (const { body, id } of recorded) {
        const result = JSON.parse(new TextDecoder().decode(body))
        const outcome = yield* Effect.match(read(result), { onFailure: ({ _tag }) => _tag, onSuccess: () => "value" })
        assert.strictEqual(outcome, expected(result.choices[0]), id)
        seen.add(outcome)
      }
      assert.strictEqual(seen.size, 4)
    }))
})
