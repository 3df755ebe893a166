import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Compaction from "../../../src/agent/Compaction.js"
import { compact } from "../../../src/agent/internal/context/compact.js"
import { tokensOfAll } from "../../../src/agent/internal/context/tokens.js"
import { sendable } from "../../../src/agent/internal/sendable/sendable.js"
import { pendingCalls, readTurn, settle, unpaired } from "../../../src/agent/internal/state/history.js"
import { findWaiting, isPrompt } from "../../../src/agent/internal/state/waiting.js"
import type { InputItem } from "../../../src/schema/ResponsesItemsRequest.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { anyText, badTurn } from "../support/badTurns.js"
import { families, refusals } from "../support/strictProviders.js"

type History = ReadonlyArray<InputItem>

const request: InputItem = {
  type: "mcp_approval_request",
  id: "r1",
  name: "delete_repo",
  arguments: "{}",
  server_label: "git"
}

/** A task: its prompt, the turns that follow, what their calls return, and what waits at the end of it. */
const anyTask = FastCheck.record({
  role: FastCheck.constantFrom("user" as const, "user" as const, "developer" as const),
  prompt: anyText,
  turns: FastCheck.array(badTurn, { maxLength: 4 }),
  result: FastCheck.oneof(anyText, FastCheck.constant("A long output. ".repeat(100))),
  waits: FastCheck.boolean()
})

const anyStrategy = FastCheck.oneof(
  FastCheck.record({ keepLast: FastCheck.nat(3) }).map(Compaction.trimOutputs),
  FastCheck.constant(Compaction.dropReasoning),
  FastCheck.nat(4).map(Compaction.keepTurns),
  FastCheck.nat(3).map((keepTurns) => Compaction.summarize({ model: "test/cheap", keepTurns }))
)

const anyCase = FastCheck.record({
  tasks: FastCheck.array(anyTask, { minLength: 1, maxLength: 4 }),
  isOpen: FastCheck.boolean(),
  strategies: FastCheck.array(anyStrategy, { minLength: 1, maxLength: 4 }),
  share: FastCheck.double({ min: 0.01, max: 1, noNaN: true }),
  times: FastCheck.integer({ min: 1, max: 3 })
})

type Case = typeof anyCase extends FastCheck.Arbitrary<infer A> ? A : never

/** With `isOpen`, the calls of the last turn have no outputs. */
const historyOf = ({ isOpen, tasks }: Case): History => {
  let history: History = []
  tasks.forEach(({ prompt, result, role, turns, waits }, task) => {
    history = [...history, { role, content: prompt }]
    turns.forEach((output, turn) => {
      // Items as a response may have them, whatever their types say
      const { calls, items } = readTurn({ id: "gen", output } as never, history, turn + 1)
      const isLast = task === tasks.length - 1 && turn === turns.length - 1
      const outputs = calls.map(({ callId }) => ({
        type: "function_call_output" as const,
        call_id: callId,
        output: result
      }))
      history = settle([...history, ...items], isOpen && isLast ? [] : outputs)
    })
    if (waits) history = [...history, { ...request, id: `r${task}` }]
  })
  return history
}

const compacted = ({ share, strategies, times }: Case, history: History) =>
  Effect.gen(function*() {
    let items = history
    for (let i = 0; i < times; i++) {
      const tokens = tokensOfAll(items)
      const result = yield* compact(items, strategies, { tokens, target: tokens * share, beside: 0, limit: undefined })
      assert.isAtMost(result.after, result.before)
      items = result.items ?? items
    }
    return items
  }).pipe(Effect.provide(TestModel.layer([Script.forever("All of it, in a few words.")])))

const texts = (items: History) => items.map((item) => JSON.stringify(item))

describe("a history that is compacted", () => {
  const holds = (name: string, check: (items: History, history: History, drawn: Case) => void) =>
    it(name, { timeout: 120_000 }, () =>
      FastCheck.assert(
        FastCheck.asyncProperty(anyCase, async (drawn) => {
          const history = historyOf(drawn)
          check(await Effect.runPromise(compacted(drawn, history)), history, drawn)
        }),
        { numRuns: 300 }
      ))

  holds("keeps each call with its output, and no output without its call", (items, history) => {
    assert.strictEqual(unpaired(items).strays, 0)
    assert.deepStrictEqual(
      pendingCalls(items).map(({ callId }) => callId),
      pendingCalls(history).map(({ callId }) => callId)
    )
  })

  holds("keeps everything that waits, and as much of it before a prompt", (items, history) => {
    const waiting = (all: History) => findWaiting(all).map(({ call, isPassed }) => [call.callId, isPassed])
    assert.deepStrictEqual(waiting(items), waiting(history))
  })

  holds("keeps the words of the system, and the last prompt", (items, history) => {
    const kept = new Set(texts(items))
    const isSystem = (item: InputItem) => "role" in item && item.role === "developer"
    const prompt = history.findLast((item) => isPrompt(item) && !isSystem(item))
    for (const item of history) if (isSystem(item) || item === prompt) assert.isTrue(kept.has(JSON.stringify(item)))
  })

  holds("keeps the reasoning of the task at hand, or its whole turns", (items, history) => {
    const last = history.findLastIndex((item) => "role" in item && item.role === "user")
    const own = history.slice(Math.max(0, last))
    const kept = new Set(texts(items))
    own.forEach((item, index) => {
      const next = own[index + 1]
      if (item.type !== "reasoning" || next?.type !== "function_call") return
      if (kept.has(JSON.stringify(next))) assert.isTrue(kept.has(JSON.stringify(item)))
    })
  })

  holds("is what each provider takes", (items, _, { isOpen, tasks }) => {
    if (isOpen || tasks.some(({ waits }) => waits)) return
    for (const [author, model] of families) {
      const sent = JSON.parse(JSON.stringify(sendable(items, { model })))
      assert.deepStrictEqual(refusals(sent, author), [])
    }
  })
})
