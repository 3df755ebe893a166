import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as AgentStream from "../../../src/agent/AgentStream.js"
import type { AgentEvent } from "../../../src/agent/internal/events.js"
import { ItemView } from "../../../src/agent/internal/views/items.js"
import * as Tool from "../../../src/agent/Tool.js"
import { isObject } from "../../../src/internal/json.js"
import { type PlannedRun, plannedRun } from "../support/answers.js"
import { cut } from "../support/events.js"

const told = plannedRun.chain((run) => FastCheck.tuple(FastCheck.constant(run), cut(run.events)))

const collect = <A>(
  batches: ReadonlyArray<ReadonlyArray<AgentEvent>>,
  view: (events: Stream.Stream<AgentEvent>) => Stream.Stream<A>
): ReadonlyArray<A> =>
  Effect.runSync(
    Stream.fromIterable(batches).pipe(
      Stream.flatMap(Stream.fromIterable),
      view,
      Stream.runCollect,
      Effect.map((all) => [...all])
    )
  )

const sorted = (values: ReadonlyArray<unknown>): ReadonlyArray<string> =>
  values.map((value) => JSON.stringify(value)).toSorted()

const LookUp = Tool.make("look_up", { parameters: Schema.Struct({ city: Schema.String }) })

const callsIn = (run: PlannedRun) => run.items.filter((item) => item["type"] === "function_call")

const outputsOf = (run: PlannedRun) =>
  run.events.flatMap((event) => event.type === "tool.call_output" ? [event.output] : [])

const check = (property: (run: PlannedRun, batches: ReadonlyArray<ReadonlyArray<AgentEvent>>) => void): void =>
  FastCheck.assert(FastCheck.property(told, ([run, batches]) => property(run, batches)), { numRuns: 200 })

describe("views, for any response and any division into reads", () => {
  it("text deltas add up to the text", () =>
    check((run, batches) => assert.strictEqual(collect(batches, AgentStream.textDeltas).join(""), run.text)))

  it("reasoning deltas add up to the reasoning", () =>
    check((run, batches) => assert.strictEqual(collect(batches, AgentStream.reasoningDeltas).join(""), run.reasoning)))

  it("each call of each response is emitted once", () =>
    check((run, batches) =>
      assert.deepStrictEqual(
        collect(batches, AgentStream.toolCalls).map((
          call
        ) => [call.toolCallId, call.name, call.arguments, call.result]),
        callsIn(run).map((item) => [item["call_id"], item["name"], JSON.parse(String(item["arguments"])), {}])
      )
    ))

  it("argument deltas add up to the arguments of the call that they name", () =>
    check((run, batches) => {
      const pieces = collect(batches, AgentStream.toolEvents).flatMap((event) => event.type === "delta" ? [event] : [])
      for (const item of callsIn(run)) {
        const own = pieces.filter((piece) => piece.toolCallId === item["call_id"])
        assert.strictEqual(own.map((piece) => piece.content).join(""), item["arguments"])
        assert.isTrue(own.every((piece) => piece.name === item["name"]))
      }
    }))

  it("partial arguments only grow, to the arguments of the call; those of a failed attempt are void", () =>
    check((run, batches) => {
      const shown = collect(batches, AgentStream.partialArguments([LookUp]))
      const last = new Map<string, string | undefined>()
      for (const { state, toolCallId, value } of shown) {
        assert.isTrue(value.city === undefined || value.city.startsWith(last.get(toolCallId) ?? ""))
        last.set(toolCallId, state === "void" ? undefined : value.city)
      }
      const cities = callsIn(run).map((item) => JSON.parse(String(item["arguments"])).city)
      assert.deepStrictEqual(sorted([...last.values()].filter((city) => city !== undefined)), sorted(cities))
    }))

  it("messages, calls and outputs are emitted whole and once", () =>
    check((run, batches) =>
      assert.deepStrictEqual(
        sorted(collect(batches, AgentStream.newMessages)),
        sorted([
          ...run.items.filter((item) => item["type"] === "message" || item["type"] === "function_call"),
          ...outputsOf(run)
        ])
      )
    ))

  it("the last snapshots are the items of the responses; those of a failed attempt are void", () =>
    check((run, batches) => {
      const last = new Map(collect(batches, AgentStream.items).map((snapshot) => [snapshot.id, snapshot]))
      const whole = [...last.values()].filter((snapshot) => snapshot.state === "whole")
      assert.deepStrictEqual(sorted(whole.map(({ item }) => item)), sorted([...run.items, ...outputsOf(run)]))
      assert.isFalse([...last.values()].some((snapshot) => snapshot.state === "growing"))
    }))

  it("snapshots only grow, at most once for each batch", () =>
    check((_, batches) => {
      const view = new ItemView()
      const seen = new Map<string, string>()
      for (const batch of batches) {
        const snapshots = view.read(batch)
        assert.strictEqual(new Set(snapshots.map(({ id }) => id)).size, snapshots.length)
        for (const { id, item, state } of snapshots) {
          const text = textIn(item)
          if (state !== "void") assert.isTrue(text.startsWith(seen.get(id) ?? ""), `${seen.get(id)} then ${text}`)
          seen.set(id, text)
        }
      }
    }))
})

const textIn = (item: object): string => {
  const fields = isObject(item) ? item : {}
  const parts = [fields["summary"], fields["content"]].flatMap((list) => Array.isArray(list) ? list : [])
  return parts.map((part) => isObject(part) ? `${part["text"] ?? part["refusal"]}` : "").join("|") +
    String(fields["arguments"] ?? "")
}
