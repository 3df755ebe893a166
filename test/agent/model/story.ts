/** One case from its first move to the end of its conversation. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as TestContext from "effect/TestContext"
import * as Conversations from "../../../src/agent/Conversation.js"
import type { InputItem } from "../../../src/schema/ResponsesItemsRequest.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { endingOf, type Finished, type Given, play } from "./driver.js"
import * as Check from "./invariants.js"
import { Conversation, conversationOf, type Expected, expected, type Situation } from "./reference.js"
import { handlers } from "./tools.js"
import { type Observed, Trace } from "./trace.js"
import { linesOf, tokensIn, tokensOf } from "./wire.js"
import { type Case, type Decision, type Move, onward, scripted, tokensOf as usedBy } from "./world.js"

/** The state of the user between two runs. */
class Story {
  conversation: Conversation
  /** The history from which a user without a store continues. */
  history: ReadonlyArray<InputItem> = []
  readonly approved = new Set<number>()
  readonly rejected = new Set<number>()
  readonly answered = new Set<number>()
  /** The cost of all runs. */
  spent = 0
  private runs = 0

  constructor(readonly world: Case, readonly trace: Trace, readonly store: Conversations.Store) {
    this.conversation = new Conversation(world.turns)
  }

  get requests(): number {
    return this.trace.events.filter((event) => event._tag === "request").length
  }

  readonly items: Effect.Effect<ReadonlyArray<InputItem>, Conversations.ConversationError> = Effect.suspend(() =>
    this.world.isStored
      ? Effect.map(this.store.load("c"), Conversations.history)
      : Effect.succeed(this.history)
  )

  /** The decisions of the user, and the expectation of the reference. */
  prepare(move: Move, items: ReadonlyArray<InputItem>) {
    const ids = new Map(tokensOf(items).flatMap((token) => token._tag === "call" ? [[token.call, token.id]] : []))
    const given = new Set<number>()
    const decided = new Set<number>()
    const [approve, reject]: [Array<string>, Array<string>] = [[], []]
    const answer: { [callId: string]: unknown } = {}
    const outputs: Array<InputItem> = []
    if (!this.world.isStored) { for (const set of [this.approved, this.rejected, this.answered]) set.clear() }
    for (const [index, call] of this.conversation.pending.entries()) {
      const callId = ids.get(call) ?? assert.fail(`the call ${call} has no id`)
      const decision = this.fitting(move.decides[index % move.decides.length] ?? "leave", call)
      if (decision === "leave") continue
      if (decision === "output") {
        given.add(call)
        outputs.push({ type: "function_call_output", call_id: callId, output: "given" })
        continue
      }
      decided.add(call)
      if (decision === "both" || decision === "answer") {
        this.trace.note({ _tag: "decided", call, how: "answer" })
        this.answered.add(call)
        answer[callId] = this.conversation.callOf(call).kind === "manual" ? { done: call } : { word: "so" }
      }
      if (decision === "answer") continue
      this.trace.note({ _tag: "decided", call, how: decision === "reject" ? "reject" : "approve" })
      this[decision === "reject" ? "approved" : "rejected"].delete(call)
      this[decision === "reject" ? "rejected" : "approved"].add(call)
      if (decision === "reject") reject.push(callId)
      else approve.push(callId)
    }
    const says = move.says || this.conversation.said.length === 0
    const text = says ? `question ${++this.runs}` : undefined
    const input = [...outputs, ...(text === undefined ? [] : [{ role: "user", content: text } as const])]
    const situation: Situation = {
      before: this.conversation,
      input: text,
      verdicts: { approved: this.approved, rejected: this.rejected, answered: this.answered, given },
      decided,
      budgets: move,
      requests: this.requests,
      wasStarted: (call) => this.trace.events.some((event) => event._tag === "started" && event.call === call),
      isStored: this.world.isStored
    }
    const options = { approve, reject, answer, isStored: this.world.isStored }
    return {
      expected: expected(situation),
      given: { ...options, input: this.world.isStored ? input : [...items, ...input] }
    }
  }

  private fitting(decision: Decision, call: number): Decision {
    const { kind } = this.conversation.callOf(call)
    if (decision !== "answer" && decision !== "both") return decision
    if (kind === "manual") return "answer"
    return kind === "ask" ? decision : "approve"
  }
}

const requestsOf = (events: ReadonlyArray<Observed>, run: string) =>
  events.flatMap((event) => event._tag === "request" && event.run === run ? [event] : [])

const isLost = ({ exit }: Finished): boolean =>
  Exit.isFailure(exit) && exit.cause._tag === "Fail" &&
  ["ConversationConflictError", "ConversationBusyError"].includes(exit.cause.error._tag)

/** The requests of a run: exactly the expected ones, or a prefix of them. */
const checkRequests = (events: ReadonlyArray<Observed>, run: string, wanted: Expected, isWhole: boolean) => {
  const requests = requestsOf(events, run)
  for (const { request } of requests) Check.checkInput(tokensIn(request))
  const found = requests.map(({ request }) => ({
    lines: linesOf(tokensIn(request)),
    mayCall: request.json["tool_choice"] !== "none"
  }))
  assert.deepStrictEqual(
    found,
    isWhole ? wanted.requests : wanted.requests.slice(0, found.length),
    `requests of ${run}`
  )
}

const checkSpent = (finished: Finished, wanted: Expected, isWhole: boolean) => {
  const { progress } = finished
  if (progress === undefined) return
  const tokens = wanted.tokensOf.reduce((sum, turn) => sum + usedBy(turn), 0)
  if (isWhole) {
    assert.deepStrictEqual([progress.cost, progress.usage.inputTokens], [wanted.cost, tokens], "cost and tokens")
  } else {
    assert.isAtMost(progress.cost, wanted.cost, "cost")
    assert.isAtMost(progress.usage.inputTokens, tokens, "tokens")
  }
}

/** The limits of a run, checked by its requests alone. */
const checkBudgets = (events: ReadonlyArray<Observed>, run: string, move: Move, world: Case) => {
  const requests = requestsOf(events, run)
  const limit = (move.maxSteps ?? 50) + (move.final === false ? 0 : 1)
  const isAnswer = (turn: number) => world.turns[turn - 1]?._tag !== "failure"
  assert.isAtMost(requests.filter(({ turn }) => isAnswer(turn)).length, limit, "turns")
  let cost = 0
  for (const { request, turn } of requests) {
    const isFinal = move.final !== false && request.json["tool_choice"] === "none"
    if (move.maxCost !== undefined && !isFinal) assert.isBelow(cost, move.maxCost, "a budget was used up")
    const answer = world.turns[turn - 1]
    if (answer !== undefined && (answer._tag === "answer" || answer.how === "failed")) cost += answer.cost
  }
}

const allowedEndings = (move: Move, wanted: Expected["ending"]): ReadonlyArray<string> =>
  move.disturbance._tag === "interrupt" || move.disturbance._tag === "leave"
    ? [wanted.tag, "cut short"]
    : move.disturbance._tag === "ask"
    ? [wanted.tag, "interrupted"]
    : [wanted.tag]

/** One run, or two of which one must fail; returns the continued conversation. */
const step = (story: Story, move: Move, run: string) =>
  Effect.gen(function*() {
    const { store, trace, world } = story
    const here = trace.here
    const before = story.conversation
    const { expected: wanted, given } = story.prepare(move, yield* story.items)
    const runs = move.disturbance._tag === "twice" ? [`${run} a`, `${run} b`] : [run]
    const { finished, left } = yield* play(move, trace, store, runs.map((run): Given => ({ ...given, run })))
    const events = trace.since(here)
    assert.deepStrictEqual(left, [], "fibers are left")
    assert.strictEqual((yield* TestModel.responses).open, 0, "an answer is still open")
    const lost = finished.filter(isLost)
    const others = finished.filter((one) => !isLost(one))
    for (const loser of lost) assert.deepStrictEqual(requestsOf(events, loser.run), [], "the loser sent a request")
    assert.isAtLeast(others.length, 1, "nobody won")
    for (const one of others) checkBudgets(events, one.run, move, world)
    for (const { progress } of others) story.spent += progress?.cost ?? 0
    const [first] = others
    const progress = first?.progress
    if (progress !== undefined) story.history = progress.history
    const items = yield* story.items
    const tokens = tokensOf(items)
    const found = conversationOf(world.turns, tokens)
    if (others.length === 1 && first !== undefined) {
      const numbers = new Map(tokens.flatMap((token) => token._tag === "call" ? [[token.id, token.call] as const] : []))
      const ending = endingOf(first, (callId) => numbers.get(callId))
      const isCalm = move.disturbance._tag === "none" || move.disturbance._tag === "twice"
      const isWhole = wanted.isExact && ending.tag === wanted.ending.tag
      checkRequests(events, first.run, wanted, isWhole)
      checkSpent(first, wanted, isWhole)
      assert.include(allowedEndings(move, wanted.ending), ending.tag, `ending of ${first.run}`)
      if (isCalm || isWhole) assert.deepStrictEqual(ending, { ...wanted.ending, pending: [...wanted.ending.pending] })
      if (isWhole) assert.deepStrictEqual(linesOf(tokens), wanted.kept.lines, `what was said after ${first.run}`)
      else Check.checkBetween(before, found, wanted.said)
      if (Exit.isSuccess(first.exit)) {
        assert.deepStrictEqual(linesOf(tokensOf(first.exit.value.history)), linesOf(tokens), "history of the run")
        assert.deepStrictEqual(
          first.exit.value.steps.map((step) => step.turn),
          first.exit.value.steps.map((_, i) => i + 1)
        )
      }
    }
    checkDone(events, found, tokens.length > 0)
    if (finished.length === 1 && move.concurrency === 1) Check.checkFailed(events, found)
    if (move.disturbance._tag === "ask") Check.checkAsked(events)
    story.conversation = found
    return others.map((one) => endingOf(one, () => undefined).tag)
  })

/** The results of completed handlers are kept. */
const checkDone = (events: ReadonlyArray<Observed>, found: Conversation, isKnown: boolean) => {
  const outputs = new Map(found.said.flatMap((one) => one._tag === "turn" ? [...one.outputs] : []))
  for (const call of isKnown ? Check.completed(events) : []) {
    assert.strictEqual(outputs.get(call), "done", `the call ${call} is done, and nobody knows`)
  }
}

const checkAll = ({ conversation, spent, store, trace, world }: Story) =>
  Effect.gen(function*() {
    Check.checkHandlers(trace.events, conversation)
    Check.checkIds(trace.events, world.isStored)
    if (!world.isStored) return
    const log = yield* store.load("c")
    Check.checkLog(log)
    const turns = log.entries.flatMap((entry) => entry._tag === "turn" ? [entry.record.response.usage?.cost ?? 0] : [])
    const { cost } = Conversations.usage(log)
    assert.isAtLeast(cost, turns.reduce((sum, cost) => sum + cost, 0), "cost of the log")
    assert.isAtMost(cost, spent, "cost of the log")
  })

const tell = (story: Story) =>
  Effect.gen(function*() {
    for (const [index, move] of story.world.moves.entries()) {
      yield* step(story, move, `run ${index + 1}`)
    }
    for (let left = story.world.turns.length + 8; left > 0; left--) {
      const tags = yield* step(story, onward, `end ${left}`)
      if (tags.includes("completed")) return yield* checkAll(story)
    }
    return assert.fail("the conversation does not come to an end")
  })

/** A slow memory store with observable appends, and the same store from the view of other processes. */
const stores = (trace: Trace, { latency }: Case) =>
  Effect.map(Conversations.Conversation, (inner) => {
    const wait = latency === 0 ? Effect.void : Effect.sleep(latency)
    const slow = <A, E>(effect: Effect.Effect<A, E>) => Effect.zipLeft(Effect.zipRight(wait, effect), wait)
    const observed: Conversations.Store = {
      load: (id) => slow(inner.load(id)),
      append: (id, version, entries) =>
        slow(Effect.tap(inner.append(id, version, entries), trace.observe({ _tag: "stored" })))
    }
    return { inner, observed }
  })

const script = (world: Case, trace: Trace): Script.Script => {
  let requests = 0
  return [Script.forever((request) => {
    const turn = ++requests
    const run = String(request.json["safety_identifier"])
    return Effect.as(trace.observe({ _tag: "request", run, turn, request }), scripted(world.turns[turn - 1], turn))
  })]
}

/** Runs a case; a difference from the reference is a defect. */
export const tellCase = (world: Case): Effect.Effect<void> =>
  Effect.suspend(() => {
    const trace = new Trace()
    return Effect.gen(function*() {
      const { inner, observed } = yield* stores(trace, world)
      yield* Effect.provideService(tell(new Story(world, trace, inner)), Conversations.Conversation, observed)
    }).pipe(
      Effect.provide(Layer.mergeAll(
        handlers(trace),
        Conversations.layerMemory,
        TestModel.layer(script(world, trace), { client: { retry: false, idleTimeout: 200 } }),
        Logger.remove(Logger.defaultLogger)
      )),
      Effect.withTracerEnabled(false),
      Effect.provide(TestContext.TestContext),
      Effect.orDie
    )
  })
