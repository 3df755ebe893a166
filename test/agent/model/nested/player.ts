/** Plays a tree of agents with a real loop: runs, decides, dies and continues, until the outermost agent has ended. */
import { assert } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Loop from "../../../../src/agent/Agent.js"
import * as Conversation from "../../../../src/agent/Conversation.js"
import * as Tool from "../../../../src/agent/Tool.js"
import * as Toolkit from "../../../../src/agent/Toolkit.js"
import type { OpenRouterClient } from "../../../../src/http/OpenRouterClient.js"
import { forkInterruptible, interruptFork } from "../../../../src/internal/effect/fibers.js"
import * as Script from "../../../../src/testing/Script.js"
import * as TestModel from "../../../../src/testing/TestModel.js"
import { quiet } from "../../../support/effect/logs.js"
import { model, outputsOf, settled } from "../../scenarios/support.js"
import type { Agent, Call, Death, Tree } from "./generators.js"
import { type Decision, expect, type Expected, idOf, nameOf, type Waiting } from "./rules.js"

/** Ends at once when it is interrupted, and leaves its work alone, which ends by itself. */
const leavingAlone = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(
      forkInterruptible(work),
      (fiber) => Effect.onInterrupt(restore(Fiber.join(fiber)), () => interruptFork(fiber))
    )
  )

const Delegate = Tool.make("delegate", {
  parameters: Schema.Struct({ to: Schema.Array(Schema.String), isParallel: Schema.Boolean }),
  success: Schema.Array(Schema.String),
  failure: Schema.String
})

const All = Toolkit.make(
  Tool.make("look", { success: Schema.String }),
  Tool.make("drop", { success: Schema.String, requireApproval: true }),
  Tool.make("ask", { success: Schema.String, answer: Schema.String }),
  Tool.manual("sign", { success: Schema.String }),
  Delegate
)

type Handlers = Layer.Layer.Success<ReturnType<typeof All.toLayer>>

/** What happened so far, whatever becomes of the processes. */
interface Happened {
  /** What a process does that is dead does not happen. */
  isDying: boolean
  readonly requests: Array<string>
  readonly executed: Array<string>
}

const toolsOf = (happened: Happened) => {
  const did = (what: string) => (_: unknown, { idempotencyKey }: { readonly idempotencyKey: string }) =>
    Effect.sync(() => {
      if (!happened.isDying) happened.executed.push(idempotencyKey)
      return what
    })
  const live: Layer.Layer<Handlers, never, OpenRouterClient> = All.toLayer({
    look: did("look"),
    drop: did("drop"),
    ask: (params, call) => Effect.zipRight(call.answer, did("ask")(params, call)),
    delegate: ({ isParallel, to }) =>
      Effect.forEach(
        to,
        (name) =>
          Loop.run({ model, instructions: name, input: "Go", tools: All, toolConcurrency: isParallel ? 8 : 1 }).pipe(
            Effect.mapBoth({ onFailure: ({ message }) => message, onSuccess: ({ text }) => text }),
            Effect.provide(Layer.fresh(live))
          ),
        { concurrency: isParallel ? "unbounded" : 1 }
      )
  })
  return live
}

const agentsOf = (agent: Agent, name: string): ReadonlyArray<readonly [string, Agent]> => [
  [name, agent],
  ...agent.turns.flatMap((calls, turn) =>
    calls.flatMap((call, index) =>
      call.kind === "delegate"
        ? call.agents.flatMap((child, place) => agentsOf(child, nameOf(name, turn, index, place)))
        : []
    )
  )
]

const countCalls = (agent: Agent): number => agentsOf(agent, "").flatMap(([, { turns }]) => turns.flat()).length

const modelOf = (tree: Tree, happened: Happened) => {
  const agents = new Map(agentsOf(tree.root, "root"))
  const part = (call: Call, name: string, turn: number, index: number) =>
    Script.toolCall(
      call.kind,
      call.kind === "delegate"
        ? {
          to: call.agents.map((_, place) => nameOf(name, turn, index, place)),
          isParallel: call.isParallel && tree.death === null
        }
        : {},
      { id: idOf(turn, index) }
    )
  return Script.forever((request) => {
    const name = String(request.json["instructions"])
    const { turns } = agents.get(name) ?? assert.fail(`no agent ${name}`)
    const outputs = outputsOf(request).map(([, output]) => output)
    let turn = 0
    for (let seen = 0; turn < turns.length && seen < outputs.length; turn++) seen += turns[turn]?.length ?? 0
    if (!happened.isDying) happened.requests.push(`${name} ${turn}`)
    const calls = turns[turn]
    return Script.turn(
      calls === undefined ? JSON.stringify(outputs) : calls.map((call, index) => part(call, name, turn, index)),
      { cost: 1 }
    )
  })
}

/** A store of a process that dies at an append, which never returns. */
const dyingAt = (
  store: Conversation.Store,
  { append, when }: Death,
  happened: Happened,
  died: Deferred.Deferred<void>
) => {
  let appends = 0
  const die = Effect.suspend(() => {
    happened.isDying = true
    return Deferred.succeed(died, undefined)
  })
  return Conversation.Conversation.of({
    ...store,
    append: (id, version, entries) =>
      Effect.suspend(() => {
        appends++
        if (appends < append) return store.append(id, version, entries)
        if (appends > append) return Effect.never
        const last = when === "after" ? Effect.asVoid(store.append(id, version, entries)) : Effect.void
        return Effect.zipRight(Effect.zipRight(last, die), Effect.never)
      })
  })
}

const optionsOf = (decided: ReadonlyMap<string, Decision>) => {
  const ids = (wanted: Decision) => [...decided].flatMap(([id, decision]) => decision === wanted ? [id] : [])
  return {
    approve: ids("approve"),
    reject: ids("reject"),
    answer: Object.fromEntries(ids("answer").map((id) => [id, `answer to ${id}`]))
  }
}

/** The user decides at least one of the calls that wait. */
const decide = (waiting: ReadonlyArray<Waiting>, choice: () => number): ReadonlyMap<string, Decision> => {
  const decided = new Map<string, Decision>()
  const first = choice() % waiting.length
  for (const [index, { id, kind }] of waiting.entries()) {
    if (index !== first && choice() % 2 === 0) continue
    decided.set(id, choice() % 4 === 0 ? "reject" : kind === "drop" ? "approve" : "answer")
  }
  return decided
}

const sorted = (texts: ReadonlyArray<string>): ReadonlyArray<string> => [...texts].sort()

/** What a process did before its death, without a record of it, is done again: one request or tool at most. */
const checkOnce = (happened: ReadonlyArray<string>, expected: ReadonlyArray<string>, mayRepeat: boolean): void => {
  const rest = [...happened]
  for (const one of expected) {
    const at = rest.indexOf(one)
    assert.notStrictEqual(at, -1, `${one} did not happen; what did: ${happened.join(", ")}`)
    rest.splice(at, 1)
  }
  assert.isAtMost(rest.length, mayRepeat ? 1 : 0, `happened again: ${rest.join(", ")}`)
  for (const one of rest) assert.include(expected, one)
}

const check = (run: Loop.Run, log: Conversation.Log, happened: Happened, expected: Expected, mayRepeat: boolean) => {
  const ids = sorted(expected.waiting.map(({ id }) => id))
  assert.deepStrictEqual(sorted(run.pending.map(({ callId }) => callId)), ids)
  assert.deepStrictEqual(sorted(Conversation.pending(log).map(({ callId }) => callId)), ids)
  const needsApproval = expected.waiting.some(({ kind }) => kind === "drop")
  assert.strictEqual(
    run.outcome._tag,
    ids.length === 0 ? "completed" : needsApproval ? "awaiting_approval" : "awaiting_tools"
  )
  if (expected.text !== undefined) assert.strictEqual(run.text, expected.text)
  checkOnce(happened.executed, expected.executed, mayRepeat)
  checkOnce(happened.requests, expected.requests, mayRepeat)
  const cost = Conversation.usage(log).cost
  assert.isAtLeast(cost, expected.requests.length)
  assert.isAtMost(cost, happened.requests.length)
}

export const playTree = (tree: Tree): Effect.Effect<void> => {
  const happened: Happened = { isDying: false, requests: [], executed: [] }
  const live = Layer.provideMerge(toolsOf(happened), TestModel.layer([modelOf(tree, happened)]))
  // Each round decides a call or more, and one may die
  const mostRounds = countCalls(tree.root) + 2
  let chosen = 0
  const choice = () => tree.choices[chosen++ % tree.choices.length] ?? 0
  const played = Effect.gen(function*() {
    const store = yield* Conversation.Conversation
    const died = yield* Deferred.make<void>()
    const mortal = tree.death === null ? store : dyingAt(store, tree.death, happened, died)
    const agent = {
      model,
      instructions: "root",
      tools: All,
      conversation: "c",
      toolConcurrency: tree.death === null ? 8 : 1
    }
    const begin = (options: ReturnType<typeof optionsOf>) =>
      Effect.flatMap(
        Conversation.load("c"),
        (log) =>
          Loop.run({
            ...agent,
            ...options,
            // A user who did not hear how a run ended repeats it, with the same id
            runId: `run ${decisions.size}`,
            input: Conversation.history(log).length === 0 ? "Go" : undefined
          })
      )
    const decisions = new Map<string, Decision>()
    let decided: ReadonlyMap<string, Decision> = new Map()
    let isDead = false
    for (let round = 0;; round++) {
      assert.isAtMost(round, mostRounds, "the runs do not come to an end")
      const living = begin(optionsOf(decided))
      const ended = isDead
        ? yield* Effect.asSome(living)
        : yield* Effect.raceFirst(
          leavingAlone(Effect.asSome(Effect.provideService(living, Conversation.Conversation, mortal))),
          Effect.as(Deferred.await(died), Option.none())
        )
      if (Option.isNone(ended)) {
        isDead = true
        yield* settled
        happened.isDying = false
        yield* Conversation.takeOver("c")
        continue
      }
      const expected = expect(tree.root, "root", decisions)
      check(ended.value, yield* Conversation.load("c"), happened, expected, tree.death?.when === "before" && isDead)
      if (expected.waiting.length === 0) return
      decided = decide(expected.waiting, choice)
      for (const [id, decision] of decided) decisions.set(id, decision)
    }
  })
  return played.pipe(
    Effect.provide(Layer.provideMerge(live, Conversation.layerMemory)),
    // Dead processes log that they could not store
    Effect.provide(quiet),
    Effect.orDie
  )
}
