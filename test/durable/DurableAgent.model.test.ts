/** Runs on an engine and plain runs of the same agents: they say, do and spend the same. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../src/agent/Agent.js"
import * as Budget from "../../src/agent/Budget.js"
import * as Tool from "../../src/agent/Tool.js"
import * as Toolkit from "../../src/agent/Toolkit.js"
import * as DurableAgent from "../../src/durable/DurableAgent.js"
import * as DurableEngine from "../../src/durable/DurableEngine.js"
import type { OpenRouterClient } from "../../src/http/OpenRouterClient.js"
import { arrayAt, stringAt } from "../../src/internal/json.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { endOf, model, settle } from "./support/world.js"

/** An agent: its turns, and the agents inside of its tools. */
interface Story {
  readonly turns: ReadonlyArray<Turn>
}

interface Turn {
  /** Whether the first request for it fails with 402. */
  readonly fails: boolean
  readonly calls: ReadonlyArray<"look" | "pay" | Story>
}

const turnOf = (depth: number): FastCheck.Arbitrary<Turn> => {
  const call = depth === 0
    ? FastCheck.constantFrom("look" as const, "pay" as const)
    : FastCheck.oneof(FastCheck.constantFrom("look" as const, "pay" as const), storyOf(depth - 1))
  return FastCheck.record({
    fails: FastCheck.nat(4).map((n) => n === 0),
    calls: FastCheck.array(call, { minLength: 1, maxLength: 3 })
  })
}

const storyOf = (depth: number): FastCheck.Arbitrary<Story> =>
  FastCheck.record({ turns: FastCheck.array(turnOf(depth), { maxLength: 2 }) })

/** The agent at a path: the numbers of a turn and a call, again and again. */
const storyAt = (story: Story, path: ReadonlyArray<number>): Story => {
  const [turn, call, ...rest] = path
  if (turn === undefined || call === undefined) return story
  const inner = story.turns[turn]?.calls[call]
  return typeof inner === "object" ? storyAt(inner, rest) : assert.fail("There is no such agent")
}

const Look = Tool.make("look", { success: Schema.String })
const Delegate = Tool.make("delegate", {
  parameters: Schema.Struct({ path: Schema.Array(Schema.Number) }),
  success: Schema.String
})

/** A world with its own model, in which tools keep what they did. */
const makeWorld = (story: Story, isDurable: boolean) => {
  const finished: Array<string> = []
  const failed = new Set<string>()
  const Pay = Tool.make("pay", { success: Schema.String, requireApproval: isDurable })
  const tools = Toolkit.make(Look, Pay, Delegate)
  const did = (call: { readonly idempotencyKey: string }) =>
    // Behind the id of the outer run
    Effect.as(Effect.sync(() => finished.push(call.idempotencyKey.replace(/^[^/]*(\/1)?\/(?=[a-z])/, ""))), "ok")
  const run = (path: ReadonlyArray<number>, budget: Budget.Budget) =>
    Agent.run({ model, instructions: JSON.stringify(path), input: "Go", tools, budget })
  const handlers = (
    budget: Budget.Budget
  ): Layer.Layer<Toolkit.HandlerTags<typeof Look | typeof Pay | typeof Delegate>, never, OpenRouterClient> =>
    tools.toLayer({
      look: (_, call) => did(call),
      pay: (_, call) => did(call),
      delegate: ({ path }) =>
        Effect.provide(run(path, budget), handlers(budget)).pipe(Effect.orDie, Effect.map(({ text }) => text))
    })
  const script = Script.forever((request) => {
    const name = String(request.json["instructions"])
    const path: ReadonlyArray<number> = JSON.parse(name)
    const { turns } = storyAt(story, path)
    let outputs = arrayAt(request.json, "input").filter((item) =>
      stringAt(item, "type") === "function_call_output"
    ).length
    const at = turns.findIndex(({ calls }) => (outputs -= calls.length) < 0)
    const turn = turns[at]
    if (turn === undefined) return Script.turn(`The end of ${name}`, { cost: 1 })
    const key = `${name} ${at}`
    if (isDurable && turn.fails && !failed.has(key)) {
      failed.add(key)
      return Script.error(402)
    }
    return Script.turn(
      turn.calls.map((call, i) =>
        typeof call === "string"
          ? Script.toolCall(call, {}, { id: `${call}${at}.${i}` })
          : Script.toolCall("delegate", { path: [...path, at, i] }, { id: `delegate${at}.${i}` })
      ),
      { cost: 1 }
    )
  })
  return {
    agent: (budget: Budget.Budget) => Effect.provide(run([], budget), handlers(budget)),
    finished,
    failed,
    script
  }
}

const Work = DurableAgent.make("work/v1", { payload: Schema.String, key: (id) => id })

/** The model numbers its items by its requests, failed ones included. */
const withoutIds = (items: ReadonlyArray<unknown>): string =>
  JSON.stringify(items, (key, value: unknown) => key === "id" ? undefined : value)

const plain = (story: Story) => {
  const { agent, finished, script } = makeWorld(story, false)
  return Effect.gen(function*() {
    const budget = yield* Budget.make({ usd: 1000 })
    const { cost, items, text } = yield* agent(budget)
    const requests = (yield* TestModel.requests).length
    return {
      text,
      items: withoutIds(items),
      cost,
      spent: (yield* Budget.spent(budget)).cost,
      finished: finished.toSorted(),
      requests
    }
  }).pipe(Effect.provide(TestModel.layer([script])))
}

const durable = (story: Story) => {
  const { agent, failed, finished, script } = makeWorld(story, true)
  return Effect.gen(function*() {
    const budget = yield* Budget.make({ usd: 1000 })
    const ended = yield* Effect.gen(function*() {
      const id = yield* Work.start("1")
      for (let round = 0; round < 200; round++) {
        yield* settle
        const status = yield* Work.status(id)
        if (status._tag === "ended") break
        if (round > 60) assert.fail(`It is still ${JSON.stringify(status)}`)
        const [call] = yield* Work.pending(id)
        if (call !== undefined) yield* Work.approve(id, call.callId)
        else yield* Work.resume(id)
      }
      return yield* endOf(Work, id)
    }).pipe(Effect.provide(Work.toLayer(() => agent(budget))))
    const { cost, items, text } = ended
    const requests = (yield* TestModel.requests).length - failed.size
    return {
      text,
      items: withoutIds(items),
      cost,
      spent: (yield* Budget.spent(budget)).cost,
      finished: finished.toSorted(),
      requests
    }
  }).pipe(Effect.provide(Layer.merge(DurableEngine.layerMemory, TestModel.layer([script]))))
}

describe("a durable run", () => {
  it.effect(
    "says, does and spends what a plain run does, whatever waits and whatever is suspended",
    () =>
      Effect.gen(function*() {
        for (const story of FastCheck.sample(storyOf(2), { numRuns: 15, seed: 1 })) {
          assert.deepStrictEqual(yield* durable(story), yield* plain(story), JSON.stringify(story))
        }
      }),
    60_000
  )
})
