/** `Chat.streamObject` and `Responses.streamObject`: the values while the model writes. */
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Chat from "../../src/services/Chat.js"
import * as Responses from "../../src/services/Responses.js"
import type * as StructuredOutput from "../../src/services/StructuredOutput.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { exact, looked, sorted, withDefault } from "../support/effect/schemas.js"

const model = "openai/gpt-5-nano"
const messages = [{ role: "user", content: "A report?" }] as const

const Report = Schema.Struct({
  title: Schema.String,
  at: Schema.Date,
  sources: Schema.Array(Schema.Struct({ url: Schema.String, seen: Schema.optional(Schema.Date) })),
  counts: Schema.Record({ key: Schema.String, value: Schema.Int })
})

/** What the model writes, in pieces. */
const pieces = [
  "{\"title\":\"Li",
  "ghts\",\"at\":\"2026-01-",
  "02T00:00:00.000Z\",\"sources\":[{\"url\":\"a\",\"see",
  "n\":null},{\"url\":\"b\",\"seen\":\"2026-01-03T00:00:00.000Z\"},{\"url\"",
  ":\"c\",\"seen\":null}],\"counts\":[{\"key\":\"x\",\"val",
  "ue\":12},{\"key\":\"y\",\"value\":3",
  "4}]}"
]

const chat = <A, I, R, const List extends StructuredOutput.ListOf<A, I> = never>(
  schema: Schema.Schema<A, I, R>,
  elements?: List
) =>
  Chat.streamObject({ model, messages, schema, elements }).pipe(
    Stream.map((part) => part._tag === "done" ? { ...part, result: part.result.usage?.cost } : part)
  )

const responses = <A, I, R, const List extends StructuredOutput.ListOf<A, I> = never>(
  schema: Schema.Schema<A, I, R>,
  elements?: List
) =>
  Responses.streamObject({ model, input: "A report?", schema, elements }).pipe(
    Stream.map((part) => part._tag === "done" ? { ...part, result: part.result.usage?.cost } : part)
  )

/** The elements of a stream, and how it ended. */
const collected = <A, E, R>(stream: Stream.Stream<A, E, R>) =>
  Effect.gen(function*() {
    const parts: Array<A> = []
    const exit = yield* Effect.exit(Stream.runForEach(stream, (part) => Effect.sync(() => void parts.push(part))))
    return { parts, error: Exit.isFailure(exit) ? yield* Effect.flip(exit) : undefined }
  })

class Ages extends Context.Tag("test/Ages")<Ages, { readonly [name: string]: number }>() {}

const apis = [["chat", chat], ["responses", responses]] as const

for (const [api, stream] of apis) {
  describe(`${api}:`, () => {
    it.effect("emits what is written after each read, then the value with its result", () =>
      Effect.gen(function*() {
        const { error, parts } = yield* collected(stream(Report))
        assert.isUndefined(error)
        const partials = parts.flatMap((part) => part._tag === "partial" ? [part.value] : [])
        assert.deepStrictEqual(partials, [
          { title: "Li" },
          { title: "Lights", at: "2026-01-" },
          { title: "Lights", at: "2026-01-02T00:00:00.000Z", sources: [{ url: "a" }] },
          {
            title: "Lights",
            at: "2026-01-02T00:00:00.000Z",
            sources: [{ url: "a" }, { url: "b", seen: "2026-01-03T00:00:00.000Z" }, {}]
          },
          {
            title: "Lights",
            at: "2026-01-02T00:00:00.000Z",
            sources: [{ url: "a" }, { url: "b", seen: "2026-01-03T00:00:00.000Z" }, { url: "c" }],
            counts: {}
          },
          {
            title: "Lights",
            at: "2026-01-02T00:00:00.000Z",
            sources: [{ url: "a" }, { url: "b", seen: "2026-01-03T00:00:00.000Z" }, { url: "c" }],
            counts: { x: 12 }
          },
          {
            title: "Lights",
            at: "2026-01-02T00:00:00.000Z",
            sources: [{ url: "a" }, { url: "b", seen: "2026-01-03T00:00:00.000Z" }, { url: "c" }],
            counts: { x: 12, y: 34 }
          }
        ])
        assert.deepStrictEqual(parts.at(-1), {
          _tag: "done",
          value: {
            title: "Lights",
            at: new Date("2026-01-02T00:00:00.000Z"),
            sources: [{ url: "a" }, { url: "b", seen: new Date("2026-01-03T00:00:00.000Z") }, { url: "c" }],
            counts: { x: 12, y: 34 }
          },
          result: 0.25
        })
      }).pipe(Effect.provide(TestModel.layer([Script.turn([Script.text(pieces)], { cost: 0.25 })]))))

    it.effect("emits each element once, decoded, when it is closed", () =>
      Effect.gen(function*() {
        const { parts } = yield* collected(stream(Report, "sources"))
        const order = parts.map((part) =>
          part._tag === "element" ? [part.index, part.value.url, part.value.seen?.getTime()] : part._tag
        )
        assert.deepStrictEqual(order, [
          "partial",
          "partial",
          "partial",
          [0, "a", undefined],
          [1, "b", Date.UTC(2026, 0, 3)],
          "partial",
          [2, "c", undefined],
          "partial",
          "partial",
          "partial",
          "done"
        ])
      }).pipe(Effect.provide(TestModel.layer([[Script.text(pieces)]]))))

    it.effect("emits the elements of a list with the services of their schema", () =>
      Effect.gen(function*() {
        const Looked = looked((name) => Effect.map(Ages, (ages) => ages[name] ?? 0))
        const { parts } = yield* collected(stream(Schema.Array(Looked), true))
        assert.deepStrictEqual(parts.map(({ _tag, value }) => [_tag, value]), [
          ["partial", ["Ad"]],
          ["element", 36],
          ["partial", ["Ada", "Bo"]],
          ["element", 0],
          ["partial", ["Ada", "Bob"]],
          ["done", [36, 0]]
        ])
      }).pipe(
        Effect.provideService(Ages, { Ada: 36 }),
        Effect.provide(TestModel.layer([[Script.text(["{\"value\":[\"Ad", "a\",\"Bo", "b\"]}"])]]))
      ))

    it.effect("emits one partial value for what arrives together", () =>
      Effect.gen(function*() {
        const { parts } = yield* collected(stream(Report, "sources"))
        assert.deepStrictEqual(parts.map(({ _tag }) => _tag), ["element", "element", "element", "partial", "done"])
      }).pipe(
        Effect.provide(TestModel.layer([Script.chunked(Script.turn([Script.text(pieces)]), "whole")]))
      ))

    it.effect("fails with the first element that does not fit, and with what had arrived", () =>
      Effect.gen(function*() {
        const { error, parts } = yield* collected(stream(Report, "sources"))
        assert.deepStrictEqual(
          parts.map((part) => part._tag === "element" ? part.value.url : part._tag),
          ["partial", "a", "partial", "b"]
        )
        if (error?._tag !== "StructuredOutputMismatchError") return assert.fail(String(error))
        assert.deepStrictEqual(error.issues.map(({ path }) => path), ["sources.2.url"])
        assert.include(error.message, "Expected string at \"sources.2.url\"")
        assert.strictEqual(error.response.text, error.text)
        assert.isTrue(error.text.endsWith("{\"url\":\"d\"}]"))
        assert.strictEqual(yield* TestModel.awaitInterrupted(1).pipe(Effect.as(true)), true)
      }).pipe(Effect.provide(TestModel.layer([[
        Script.text([
          "{\"title\":\"\",\"sources\":[{\"url\":\"a\"",
          "},",
          "{\"url\":\"b\"},{\"url\":3},{\"url\":\"d\"}]",
          ",\"at\":\"",
          "x\"}"
        ]),
        Script.stall
      ]]))))

    it.effect("judges an element when it is closed, not before", () =>
      Effect.gen(function*() {
        const { error, parts } = yield* collected(stream(Schema.Array(Schema.Struct({ n: Schema.Int })), true))
        const values: ReadonlyArray<unknown> = parts.map(({ value }) => value)
        assert.deepStrictEqual(values, [
          { n: 1 },
          [{ n: 1 }, {}],
          [{ n: 1 }, { n: 1.5 }],
          [{ n: 1 }, { n: 1.5, m: "" }]
        ])
        assert.strictEqual(error?._tag, "StructuredOutputMismatchError")
      }).pipe(Effect.provide(TestModel.layer([[Script.text(["[{\"n\":1},{\"n\":1", ".5,", "\"m\":\"", "\"}]"])]]))))

    it.effect("fails as a whole value does, after the last partial value", () =>
      Effect.gen(function*() {
        const outcome = Effect.map(collected(stream(Schema.Struct({ a: Schema.String }))), ({ error, parts }) => [
          parts.map(({ value }) => value),
          error?._tag,
          error !== undefined && "response" in error ? error.response.cost : undefined
        ])
        assert.deepStrictEqual(yield* outcome, [[{ a: "x" }], "StructuredOutputTruncatedError", 0.5])
        assert.deepStrictEqual(yield* outcome, [[], "StructuredOutputRefusedError", 0.25])
        assert.deepStrictEqual(yield* outcome, [[], "StructuredOutputMismatchError", 0.125])
        assert.deepStrictEqual(yield* outcome, [[{ a: "y" }], "BadGatewayResponseError", undefined])
        assert.deepStrictEqual(yield* outcome, [[{ a: "z" }], "StreamTruncatedError", undefined])
        assert.deepStrictEqual(yield* outcome, [[], "PaymentRequiredResponseError", undefined])
      }).pipe(Effect.provide(TestModel.layer([
        Script.turn("{\"a\":\"x", { finishReason: "length", cost: 0.5 }),
        Script.turn([Script.refusal("No.")], { cost: 0.25 }),
        Script.turn("{\"a\":1}", { cost: 0.125 }),
        [Script.text("{\"a\":\"y"), Script.fail(502, {})],
        [Script.text("{\"a\":\"z"), Script.truncate],
        Script.error(402)
      ]))))

    it.effect("passes over prose, code fences and reasoning, and begins anew with another value", () =>
      Effect.gen(function*() {
        const shown = Effect.map(
          collected(stream(Schema.Struct({ a: Schema.String }))),
          ({ parts }) => parts.map((part) => [part._tag, part.value.a])
        )
        const only = [["partial", "x"], ["partial", "xy"], ["done", "xy"]]
        assert.deepStrictEqual(yield* shown, only)
        assert.deepStrictEqual(yield* shown, only)
        assert.deepStrictEqual(yield* shown, only)
        assert.deepStrictEqual(yield* shown, [["partial", "draft"], ["partial", "x"], ["done", "x"]])
      }).pipe(Effect.provide(TestModel.layer([
        [Script.text(["Sure [1]: `", "``json\n{", "\"a\":\"x", "y\"}\n``", "`\nIs that {a}?"])],
        [Script.text(["<thi", "nk>Is it {\"a\":\"z\"}? No.</thi", "nk>{\"a\":\"x", "y\"}"])],
        [Script.text(["{\"a\":\"x", "y\"} (see [2", "] and {})"])],
        [Script.text(["{\"a\":\"draft\"}", ", or rather: {", "\"a\":\"x\"}"])]
      ]))))

    it.effect("sends nothing if the schema or its elements have no form", () =>
      Effect.gen(function*() {
        const unknown = yield* collected(stream(Schema.Struct({ a: Schema.Unknown })))
        assert.strictEqual(unknown.error?._tag, "JsonSchemaError")
        const ofAll = yield* collected(stream(Schema.Struct({ a: sorted(Schema.Int) }), "a"))
        if (ofAll.error?._tag !== "JsonSchemaError") return assert.fail(String(ofAll.error))
        assert.strictEqual(ofAll.error.path, "a")
        assert.include(ofAll.error.message, "transformation of the whole list")
        assert.deepStrictEqual(yield* TestModel.requests, [])
      }).pipe(Effect.provide(TestModel.layer([]))))

    it.effect("sends the request of a whole value, as a stream", () =>
      Effect.gen(function*() {
        yield* collected(stream(Report, "sources"))
        const [request] = yield* TestModel.requests
        const body = Object(request?.body)
        assert.strictEqual(body.stream, true)
        assert.deepStrictEqual(body.provider, { require_parameters: true })
        for (const field of ["schema", "elements", "strict", "name", "description"]) assert.notProperty(body, field)
        assert.strictEqual(Object(body.response_format ?? body.text.format).type, "json_schema")
      }).pipe(Effect.provide(TestModel.layer(["{}"]))))
  })
}

describe("chat:", () => {
  const whole = { role: "assistant", content: "{\"a\":\"xy\"}" }
  const chunk = { id: "gen-1", object: "chat.completion.chunk", created: 1, model }
  const event = (choice: object) => Script.event({ ...chunk, choices: [{ index: 0, finish_reason: null, ...choice }] })

  it.effect("reads a message once that comes again as a whole", () =>
    Effect.gen(function*() {
      const shown = Effect.map(
        collected(chat(Schema.Struct({ a: Schema.String }))),
        ({ error, parts }) => [error?._tag, parts.map((part) => [part._tag, part.value.a])]
      )
      const parts = [["partial", "x"], ["partial", "xy"], ["done", "xy"]]
      assert.deepStrictEqual(yield* shown, [undefined, parts])
      assert.deepStrictEqual(yield* shown, [undefined, parts.slice(1)])
    }).pipe(Effect.provide(TestModel.layer([
      [Script.text(["{\"a\":\"x", "y\"}"]), event({ delta: {}, message: whole })],
      [event({ message: whole })]
    ]))))
})

describe("responses:", () => {
  it.effect("shows the last of several messages", () =>
    Effect.gen(function*() {
      const { parts } = yield* collected(responses(Schema.Struct({ a: Schema.Int })))
      assert.deepStrictEqual(parts.map(({ value }) => value.a), [1, 2, 2])
    }).pipe(Effect.provide(TestModel.layer([
      [Script.text("{\"a\":1}"), Script.toolCall("look_up", {}), Script.text("{\"a\":2}")]
    ]))))
})

class Sources extends Schema.Class<Sources>("Sources")({
  list: exact(Schema.NullOr(Schema.Array(Schema.Int)))
}) {}

describe("elements", () => {
  it.effect("are those of a field with a default, decoded", () =>
    Effect.gen(function*() {
      const Element = Schema.Struct({ n: Schema.NumberFromString })
      const Found = Schema.Struct({ list: withDefault(Schema.Array(Element), () => []) })
      const { error, parts } = yield* collected(chat(Found, "list"))
      assert.isUndefined(error)
      assert.deepStrictEqual(
        parts.map((part) => part._tag === "element" ? part.value.n : part._tag),
        [7, 8, "partial", "done"]
      )
    }).pipe(Effect.provide(TestModel.layer(["{\"list\":[{\"n\":\"7\"},{\"n\":\"8\"}]}"]))))

  it.effect("are those of a field of a class, which may be absent or null", () =>
    Effect.gen(function*() {
      const { parts } = yield* collected(chat(Sources, "list"))
      assert.deepStrictEqual(parts.map(({ _tag, value }) => _tag === "element" ? value : _tag), [
        7,
        8,
        "partial",
        "done"
      ])
    }).pipe(Effect.provide(TestModel.layer(["{\"list\":[7,8]}"]))))
})
