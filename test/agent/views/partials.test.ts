import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Agent from "../../../src/agent/Agent.js"
import * as AgentStream from "../../../src/agent/AgentStream.js"
import type { AgentEvent } from "../../../src/agent/internal/events.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { sorted } from "../../support/effect/schemas.js"
import {
  added,
  argumentsDelta,
  call,
  done,
  event,
  message,
  response,
  textDelta,
  turnEnd,
  turnRetry,
  turnStart
} from "../support/events.js"

const model = "test/model"

const Report = Schema.Struct({
  title: Schema.String,
  sources: Schema.Array(Schema.Struct({ url: Schema.String, seen: Schema.optional(Schema.Date) }))
})

const LookUp = Tool.make("look_up", {
  parameters: Schema.Struct({
    term: Schema.String,
    years: Schema.Array(Schema.Int),
    note: Schema.optional(Schema.String)
  })
})
const SetPairs = Tool.make("set_pairs", {
  parameters: Schema.Struct({ pairs: Schema.Record({ key: Schema.String, value: Schema.Int }) })
})
const tools = Toolkit.make(LookUp, SetPairs, Tool.server({ type: "openrouter:web_search" }))

/** What a view emits, each event in a batch of its own. */
const read = <A>(
  events: ReadonlyArray<AgentEvent>,
  view: (events: Stream.Stream<AgentEvent>) => Stream.Stream<A, unknown>
): ReadonlyArray<A> =>
  Effect.runSync(Effect.orDie(
    Stream.make(...events).pipe(Stream.rechunk(1), view, Stream.runCollect, Effect.map((all) => [...all]))
  ))

const created = event("response.created", { response: response([]) })

describe("partials", () => {
  const partials = (events: ReadonlyArray<AgentEvent>) =>
    read(events, AgentStream.partials(Report)).map(({ state, turn, value }) => [turn, state, value.title])

  it("show the text of each turn", () =>
    assert.deepStrictEqual(
      partials([
        turnStart(1),
        textDelta("{\"title\":\"a"),
        textDelta("b\""),
        turnEnd(1, [message("{\"title\":\"ab\"")]),
        turnStart(2),
        textDelta("{\"title\":\"c"),
        textDelta("\"}"),
        turnEnd(2, [message("{\"title\":\"c\"}")])
      ]),
      [
        [1, "growing", "a"],
        [1, "growing", "ab"],
        [2, "growing", "c"],
        [2, "growing", "c"]
      ]
    ))

  it("are taken back by a retry, and by a second response in an attempt", () =>
    assert.deepStrictEqual(
      partials([
        turnStart(1),
        created,
        textDelta("{\"title\":\"a"),
        turnRetry(1),
        turnStart(1, 2),
        created,
        textDelta("{\"title\":\"b"),
        created,
        textDelta("{\"title\":\"c"),
        turnEnd(1, [])
      ]),
      [
        [1, "growing", "a"],
        [1, "void", "a"],
        [1, "growing", "b"],
        [1, "void", "b"],
        [1, "growing", "c"]
      ]
    ))

  it("are not taken back if nothing was shown", () =>
    assert.deepStrictEqual(partials([turnStart(1), textDelta("Hm."), turnRetry(1), turnStart(1, 2)]), []))

  it("show a message that arrives without deltas, once", () => {
    const whole = message("{\"title\":\"a\",\"sources\":[]}")
    const once = [[1, "growing", "a"]]
    assert.deepStrictEqual(partials([turnStart(1), done(whole), turnEnd(1, [whole])]), once)
    assert.deepStrictEqual(partials([turnStart(1), turnEnd(1, [whole])]), once)
    const completed = event("response.completed", { response: response([whole]) })
    assert.deepStrictEqual(partials([turnStart(1), completed, turnEnd(1, [whole])]), once)
  })

  it("show nothing for a schema that cannot be sent", () =>
    assert.deepStrictEqual(
      read(
        [turnStart(1), textDelta("{\"a\":1}")],
        AgentStream.partials({ schema: Schema.Struct({ a: Schema.Unknown }) })
      ),
      []
    ))

  it.effect("are those of the run: with its value at the end, and of a repair", () =>
    Effect.gen(function*() {
      const events = Agent.stream({ model, input: "A report?", output: { schema: Report, name: "report" } })
      // Nothing has checked a partial value
      const seen: Array<unknown> = []
      yield* AgentStream.partials(Report)(events).pipe(
        Stream.runForEach(({ turn, value }) => Effect.sync(() => void seen.push([turn, value])))
      )
      assert.deepStrictEqual(seen, [
        [1, { title: "a" }],
        [1, { title: "ab", sources: [{}] }],
        [1, { title: "ab", sources: [{ url: 1 }] }],
        [2, { title: "ab", sources: [{ url: "x" }] }]
      ])
    }).pipe(Effect.provide(TestModel.layer([
      [Script.text(["{\"title\":\"a", "b\",\"sources\":[{\"url\":1", "}]}"])],
      [Script.text("{\"title\":\"ab\",\"sources\":[{\"url\":\"x\",\"seen\":null}]}")]
    ]))))

  it.effect("are a stream of the result of a run, as the agent that speaks has its output", () =>
    Effect.scoped(Effect.gen(function*() {
      const writer = Agent.make({ name: "writer", model, output: Schema.Struct({ pages: Schema.Array(Schema.Int) }) })
      const result = yield* Agent.callModel({
        model,
        input: "A report?",
        output: Report,
        tools: Toolkit.make(Agent.handoff(writer))
      })
      const seen = yield* Stream.runCollect(result.partialStream)
      assert.deepStrictEqual([...seen].map(({ state, turn, value }) => [turn, state, value]), [
        [1, "growing", { title: "T" }],
        [2, "growing", { pages: [1, 2] }]
      ])
      assert.deepStrictEqual(yield* result.value, { pages: [1, 2] })
    })).pipe(Effect.provide(TestModel.layer([
      [Script.text("{\"title\":\"T"), Script.toolCall("transfer_to_writer", {})],
      "{\"pages\":[1,2]}"
    ]))))
})

describe("elements", () => {
  it("are decoded when they are closed, and begin again with each attempt", () =>
    assert.deepStrictEqual(
      read([
        turnStart(1),
        textDelta("{\"title\":\"\",\"sources\":[{\"url\":\"a\",\"seen\":null},{\"url\":\"b\""),
        turnRetry(1),
        turnStart(1, 2),
        textDelta("{\"title\":\"\",\"sources\":[{\"url\":\"c\",\"seen\":\"2026-01-01T00:00:00Z\"}"),
        turnEnd(1, [])
      ], AgentStream.elements(Report, "sources")),
      [
        { turn: 1, index: 0, value: { url: "a" } },
        { turn: 1, index: 0, value: { url: "c", seen: new Date("2026-01-01T00:00:00Z") } }
      ]
    ))

  it("end for a turn with one that does not fit, and go on with the repair", () =>
    assert.deepStrictEqual(
      read([
        turnStart(1),
        textDelta("[1,2,\"x\",3"),
        textDelta(",4]"),
        turnEnd(1, []),
        turnStart(2),
        textDelta("[1,2]"),
        turnEnd(2, [])
      ], AgentStream.elements(Schema.Array(Schema.Int), true)).map(({ index, turn, value }) => [turn, index, value]),
      [[1, 0, 1], [1, 1, 2], [2, 0, 1], [2, 1, 2]]
    ))

  it("fail if a transformation of the whole list makes them", () => {
    const exit = Effect.runSyncExit(
      Stream.runDrain(AgentStream.elements(sorted(Schema.Int), true)(Stream.make(turnStart(1))))
    )
    assert.isTrue(Exit.isFailure(exit))
  })
})

describe("partialArguments", () => {
  const shown = (events: ReadonlyArray<AgentEvent>) =>
    read(events, AgentStream.partialArguments(tools)).map((shown) => [
      shown.turn,
      shown.toolCallId,
      shown.state,
      shown.name === "look_up" ? shown.value.term : shown.value.pairs
    ])

  const begun = (id: string, index: number, name = "look_up") =>
    added(call("", id, { id: `fc_${index}`, name, status: "in_progress" }), index)

  it("show the arguments of each call in the form of its parameters", () =>
    assert.deepStrictEqual(
      shown([
        turnStart(1),
        begun("c1", 0),
        begun("c2", 1, "set_pairs"),
        argumentsDelta("{\"term\":\"li", 0),
        argumentsDelta("{\"pairs\":[{\"key\":\"a\",", 1),
        argumentsDelta("ghts\",\"note\":null", 0),
        argumentsDelta("\"value\":1},{", 1),
        turnEnd(1, [
          call("{\"term\":\"lights\",\"note\":null,\"years\":[]}", "c1", { id: "fc_0" }),
          call("{\"pairs\":[{\"key\":\"a\",\"value\":1},{\"key\":\"b\",\"value\":2}]}", "c2", {
            id: "fc_1",
            name: "set_pairs"
          })
        ])
      ]),
      [
        [1, "c1", "growing", "li"],
        [1, "c2", "growing", {}],
        [1, "c1", "growing", "lights"],
        [1, "c2", "growing", { a: 1 }],
        [1, "c1", "growing", "lights"],
        [1, "c2", "growing", { a: 1, b: 2 }]
      ]
    ))

  it("are taken back by a retry", () =>
    assert.deepStrictEqual(
      shown([
        turnStart(1),
        begun("c1", 0),
        argumentsDelta("{\"term\":\"a", 0),
        turnRetry(1),
        turnStart(1, 2),
        begun("c1", 0),
        argumentsDelta("{\"term\":\"b", 0)
      ]),
      [
        [1, "c1", "growing", "a"],
        [1, "c1", "void", "a"],
        [1, "c1", "growing", "b"]
      ]
    ))

  it("leave out tools that are not in the toolkit, and arguments that are no JSON", () =>
    assert.deepStrictEqual(
      shown([
        turnStart(1),
        begun("c1", 0, "unknown"),
        argumentsDelta("{\"term\":\"a", 0),
        begun("c2", 1),
        argumentsDelta("term: a", 1),
        turnEnd(1, [])
      ]),
      []
    ))

  it("begin anew where a model repeats an id", () =>
    assert.deepStrictEqual(
      shown([
        turnStart(1),
        done(call("{\"term\":\"a\"}", "c1", { id: "fc_0" }), 0),
        done(call("{\"term\":\"b\"}", "c1", { id: "fc_1" }), 1)
      ]),
      [[1, "c1", "growing", "a"], [1, "c1", "growing", "b"]]
    ))

  it.effect("are those of a run: nothing is executed from them but the decoded parameters", () =>
    Effect.gen(function*() {
      const seen: Array<unknown> = []
      yield* Agent.stream({ model, input: "Look it up.", tools, retryTurn: Schedule.recurs(1) }).pipe(
        AgentStream.partialArguments(tools),
        Stream.runForEach(({ name, state, value }) => Effect.sync(() => void seen.push([name, state, value])))
      )
      assert.deepStrictEqual(seen, [
        ["look_up", "growing", { term: "a" }],
        ["look_up", "void", { term: "a" }],
        ["look_up", "growing", { term: "light", years: [1, 2] }],
        ["set_pairs", "growing", { pairs: { a: 1 } }]
      ])
    }).pipe(
      Effect.provide(tools.toLayer({
        look_up: (params) => Effect.sync(() => assert.deepStrictEqual(params, { term: "light", years: [1, 2] })),
        set_pairs: ({ pairs }) => Effect.sync(() => assert.deepStrictEqual(pairs, { a: 1 }))
      })),
      Effect.provide(TestModel.layer([
        [Script.toolCall("look_up", "{\"term\":\"a"), Script.fail(502, {})],
        [
          Script.toolCall("look_up", { term: "light", years: [1, 2], note: null }),
          Script.toolCall("set_pairs", { pairs: [{ key: "a", value: 1 }] })
        ],
        "Done."
      ]))
    ))

  it.effect("are a stream of the result of a run", () =>
    Effect.scoped(Effect.gen(function*() {
      const Write = Tool.manual("write", { parameters: Schema.Struct({ text: Schema.String }) })
      const result = yield* Agent.callModel({ model, input: "Write!", tools: [Write] })
      const seen = yield* Stream.runCollect(result.partialArgumentsStream)
      assert.deepStrictEqual([...seen], [
        { turn: 1, toolCallId: "c1", name: "write", state: "growing", value: { text: "Hi" } }
      ])
    })).pipe(Effect.provide(TestModel.layer([Script.toolCall("write", { text: "Hi" }, { id: "c1" })]))))
})
