import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { needing, traffic } from "../../scripts/fixtures/fixtures.js"
import * as AgentStream from "../../src/agent/AgentStream.js"
import type { AgentEvent } from "../../src/agent/internal/events.js"
import { ItemView } from "../../src/agent/internal/views/items.js"
import { ToolView } from "../../src/agent/internal/views/tools.js"
import { isObject } from "../../src/internal/json.js"
import * as ResponsesProtocol from "../../src/response/responsesProtocol.js"
import { guard } from "../../src/schema/guard.js"
import { StreamEvents } from "../../src/schema/ResponsesEvents.js"
import { exchanges } from "../recorded/support/traffic.js"
import {
  added,
  argumentsDelta,
  call,
  done,
  event,
  message,
  runOf,
  textDelta,
  turnEnd,
  turnStart
} from "./support/events.js"

const read = <A>(
  events: ReadonlyArray<AgentEvent>,
  view: (events: Stream.Stream<AgentEvent>) => Stream.Stream<A>
): ReadonlyArray<A> => [...Effect.runSync(Stream.runCollect(view(Stream.make(...events).pipe(Stream.rechunk(1)))))]

const shown = (events: ReadonlyArray<AgentEvent>) =>
  read(events, AgentStream.items).map(({ id, item, state }) => [id, state, textOf(item)])

const textOf = (item: object): string => {
  const content = isObject(item) ? item["content"] : undefined
  return Array.isArray(content) ? content.map((part) => isObject(part) ? part["text"] : "").join("") : "-"
}

const announced = (id: string, index = 0) => added(message("", id, { content: [] }), index)

describe("items", () => {
  it("are separate for two items with one output index", () =>
    assert.deepStrictEqual(
      shown([
        turnStart(1),
        announced("a"),
        textDelta("one", 0, { item_id: "a" }),
        done(message("one", "a")),
        announced("b"),
        textDelta("two", 0, { item_id: "b" }),
        done(call("{}", "c")),
        turnEnd(1, [message("one", "a"), message("two", "b"), call("{}", "c")])
      ]),
      [
        ["a", "growing", ""],
        ["a", "growing", "one"],
        ["a", "whole", "one"],
        ["b", "growing", ""],
        ["b", "growing", "two"],
        ["fc_c", "whole", "-"],
        ["b", "whole", "two"]
      ]
    ))

  it("are separate for two items with one id", () =>
    assert.deepStrictEqual(
      shown([
        turnStart(1),
        done(message("one", "a")),
        turnEnd(1, [message("one", "a")]),
        turnStart(2),
        done(message("two", "a")),
        done(message("three", "a#2"), 1),
        turnEnd(2, [message("two", "a"), message("three", "a#2")])
      ]),
      [["a", "whole", "one"], ["a#2", "whole", "two"], ["a#2#2", "whole", "three"]]
    ))

  it("do not change when deltas arrive after the end", () =>
    assert.deepStrictEqual(shown([turnStart(1), done(message("one", "a")), textDelta("more", 0, { item_id: "a" })]), [
      ["a", "whole", "one"]
    ]))

  it("are void when a second response replaces the first", () => {
    const created = event("response.created", { response: turnEnd(1, []).response })
    assert.deepStrictEqual(
      shown([turnStart(1), created, announced("a"), created, done(message("one", "b"))]),
      [["a", "growing", ""], ["a", "void", ""], ["b", "whole", "one"]]
    )
  })

  it("are those of the response if it differs from the events", () =>
    assert.deepStrictEqual(
      shown([turnStart(1), done(message("one", "a")), turnEnd(1, [message("censored", "a"), message("new", "b")])]),
      [["a", "whole", "one"], ["a", "whole", "censored"], ["b", "whole", "new"]]
    ))

  it("include the progress of a server tool", () => {
    const place = { output_index: 0, item_id: "ci" }
    const item = { type: "code_interpreter_call", id: "ci", status: "in_progress", code: "" }
    const snapshots = read([
      turnStart(1),
      added(item),
      event("response.code_interpreter_call_code.delta", { ...place, delta: "print(" }),
      event("response.code_interpreter_call_code.delta", { ...place, delta: "1)" }),
      event("response.code_interpreter_call.interpreting", place),
      done({ ...item, status: "completed", code: "print(1)", outputs: [{ type: "logs", logs: "1" }] })
    ], AgentStream.items)
    assert.deepStrictEqual<unknown>(
      snapshots.map(({ item }) => [Reflect.get(item, "code"), Reflect.get(item, "status")]),
      [
        ["", "in_progress"],
        ["print(", "in_progress"],
        ["print(1)", "in_progress"],
        ["print(1)", "interpreting"],
        ["print(1)", "completed"]
      ]
    )
  })

  it("can all be kept, because a snapshot does not copy the text", () => {
    const view = new ItemView()
    view.read([turnStart(1), announced("a")])
    const piece = "fifty characters, more or less, are in this piece "
    const kept = Array.from({ length: 100_000 }, () => view.read([textDelta(piece, 0, { item_id: "a" })]))
    assert.strictEqual(textOf(kept[99_999]?.[0]?.item ?? {}).length, 100_000 * piece.length)
    assert.strictEqual(textOf(kept[49_999]?.[0]?.item ?? {}).length, 50_000 * piece.length)
  })

  it("do not share arrays that grow", () => {
    const annotation = { type: "url_citation", url: "https://example.com", title: "", start_index: 0, end_index: 1 }
    const cite = event("response.output_text.annotation.added", { output_index: 0, item_id: "a", annotation })
    const counts = read(
      [turnStart(1), announced("a"), textDelta("x", 0, { item_id: "a" }), cite, cite],
      AgentStream.items
    )
      .map(({ item }) =>
        item.type === "message"
          ? item.content.map((part) => part.type === "output_text" ? part.annotations?.length : 0)
          : []
      )
    assert.deepStrictEqual(counts, [[], [0], [1], [2]])
  })
})

describe("calls", () => {
  const cutOff = { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } }

  const about = { turn: 1, toolCallId: "c1", name: "look_up", arguments: { a: 1 } } as const
  const progress = (result: unknown): AgentEvent => ({
    type: "tool.preliminary_result",
    turn: 1,
    toolCallId: "c1",
    name: "look_up",
    result
  })

  it("have their arguments, their progress and their result", () =>
    assert.deepStrictEqual<unknown>(
      read(
        [
          turnEnd(1, [call("{\"a\":1}", "c1")]),
          progress(1),
          progress(2),
          { type: "tool.result", status: "success", ...about, result: 3, encoded: 3 },
          { type: "tool.result", status: "failure", ...about, message: "no", executed: false, rejected: true }
        ],
        AgentStream.toolCalls
      ),
      [
        { ...about, status: "success", result: 3, preliminaryResults: [1, 2] },
        {
          ...about,
          status: "failure",
          message: "no",
          executed: false,
          rejected: true,
          result: undefined,
          preliminaryResults: []
        }
      ]
    ))

  it("that wait come at the end of the run", () => {
    const { toolCallId: callId, ...waits } = { ...about, reason: "approval" } as const
    const run = runOf([], { pending: [{ ...waits, callId }] })
    assert.deepStrictEqual<unknown>(
      read([turnEnd(1, [call("{\"a\":1}", "c1")]), progress(1), { type: "run.end", run }], AgentStream.toolCalls),
      [{ ...about, reason: "approval", status: "pending", result: undefined, preliminaryResults: [1] }]
    )
  })

  it("that were cut off are marked at the end of their turn", () => {
    const calls = [
      call("{\"a\":1}", "c1"),
      call("", "c2"),
      call("{\"a\":", "c3"),
      call("{}", "c4", { status: "incomplete" })
    ]
    const told = (fields: object) =>
      turnEnd(1, calls, { ...fields }).toolCalls.filter(({ truncated }) => !truncated).map(({ callId }) => callId)
    assert.deepStrictEqual(told(cutOff), ["c1"])
    assert.deepStrictEqual(told({}), ["c1", "c2", "c3"])
  })

  it("have the ids of the run after the end of their turn", () => {
    const told = turnEnd(2, [message("Again."), call("{}", "0"), call("{}", "1")])
    const renamed = { ...told, toolCalls: told.toolCalls.map((call) => ({ ...call, callId: `${call.callId}_2` })) }
    const events = [turnStart(2), done(call("{}", "0"), 1), renamed]
    const callId = (item: object) => Reflect.get(item, "call_id")
    assert.deepStrictEqual(read(events, AgentStream.newMessages).map(callId), [undefined, "0_2", "1_2"])
    assert.deepStrictEqual(
      read(events, AgentStream.items).map(({ id, item }) => [id, callId(item)]),
      [["fc_0", "0"], ["msg_0", undefined], ["fc_0", "0_2"], ["fc_1", "1_2"]]
    )
  })

  it("whose deltas arrive before their name are emitted with the name", () =>
    assert.deepStrictEqual(
      read(
        [turnStart(3), argumentsDelta("{\"a\""), argumentsDelta(":1}"), added(call("", "c1", { id: "fc_0" }))],
        AgentStream.toolEvents
      ),
      [{ type: "delta", turn: 3, toolCallId: "c1", name: "look_up", content: "{\"a\":1}" }]
    ))

  it("with one output index are separate", () => {
    const events = [
      turnStart(1),
      added(call("", "c1")),
      argumentsDelta("[1]", 0, { item_id: "fc_c1" }),
      added(call("", "c2")),
      argumentsDelta("[2]", 0, { item_id: "fc_c2" }),
      turnEnd(1, [call("[1]", "c1"), call("[2]", "c2")])
    ]
    assert.deepStrictEqual(
      new ToolView().read(events).map((event) => event.type === "delta" ? [event.toolCallId, event.content] : []),
      [["c1", "[1]"], ["c2", "[2]"]]
    )
  })
})

describe("text", () => {
  it("that arrives in no delta is emitted at the end of the response, except refusals", () => {
    const refusal = message("", "m2", { content: [{ type: "refusal", refusal: "no" }] })
    const events = [turnStart(1), turnEnd(1, [message("one "), refusal]), turnStart(2), turnEnd(2, [message("two")])]
    assert.deepStrictEqual(read(events, AgentStream.textDeltas), ["one ", "two"])
  })

  it("is not in events of the loop, whatever they hold", () => {
    const events: ReadonlyArray<AgentEvent> = [
      { type: "tool.preliminary_result", turn: 1, toolCallId: "c", name: "t", result: { delta: "no" } },
      { type: "run.end", run: runOf([], { text: "no" }) },
      event("response.tomorrow", { delta: "no" })
    ]
    assert.deepStrictEqual(read(events, AgentStream.textDeltas), [])
  })
})

const isEvent = guard(StreamEvents)

const recorded = exchanges.filter(({ kind }) => kind === "responses.sse").map(({ body }) =>
  new TextDecoder().decode(body).split("\n").filter((line) => line.startsWith("data: {")).map((line): unknown =>
    JSON.parse(line.slice(6))
  ).filter(isEvent)
)

describe.skipIf(!traffic.isPresent)(needing("recorded streams", traffic), () => {
  it("add up to the response", () => {
    assert.isAbove(recorded.length, 10)
    for (const events of recorded) {
      const answer = ResponsesProtocol.protocol.accumulator()
      for (const event of events) answer.add(event)
      const result = answer.result()
      if (result === undefined) continue
      const run: ReadonlyArray<AgentEvent> = [turnStart(1), ...events, turnEnd(1, result.output)]
      assert.strictEqual(read(run, AgentStream.textDeltas).join(""), answer.partial().text)
      assert.strictEqual(read(run, AgentStream.reasoningDeltas).join(""), answer.partial().reasoning)
      const last = new Map(read(run, AgentStream.items).map((snapshot) => [snapshot.id, snapshot]))
      assert.deepStrictEqual<unknown>(
        [...last.values()].map(({ item, state }) => [state, item]),
        result.output.map((item) => ["whole", item])
      )
      for (const item of result.output) {
        if (item.type !== "function_call") continue
        const pieces = read(run, AgentStream.toolEvents).flatMap((event) =>
          event.type === "delta" && event.toolCallId === item.call_id ? [event.content] : []
        )
        assert.strictEqual(pieces.join(""), item.arguments)
      }
    }
  })
})
