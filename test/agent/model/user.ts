/** The user of a conversation between two runs: reads what is pending, decides, and starts the next run. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Conversations from "../../../src/agent/Conversation.js"
import { arrayAt, stringAt } from "../../../src/internal/json.js"
import type { InputItem } from "../../../src/schema/ResponsesItemsRequest.js"
import { Conversation } from "./conversation.js"
import type { Given, Stage } from "./driver.js"
import type { Past, Verdicts } from "./fates.js"
import { type Earlier, type Expected, expected, type LastTurn, type Totals } from "./reference.js"
import { tokensOf } from "./wire.js"
import type { Decision, Move } from "./world.js"

type How = "approve" | "reject" | "answer"

/** A run before it starts: its options, and what the reference expects of it, which is known when it has ended. */
export interface Prepared {
  readonly given: Omit<Given, "run">
  readonly earlier: Earlier
  readonly expected: () => Expected
}

export class User {
  conversation: Conversation
  /** The history from which a user without a store continues. */
  history: ReadonlyArray<InputItem> = []
  /** The cost of all runs. */
  spent = 0
  private questions = 0

  constructor(readonly stage: Stage) {
    this.conversation = new Conversation(stage.world.turns)
  }

  private get requests(): number {
    return this.stage.trace.events.filter((event) => event._tag === "request").length
  }

  readonly log = Effect.suspend(() =>
    this.stage.world.isStored ? this.stage.store.load("c") : Effect.succeed({ version: 0, entries: [] })
  )

  readonly items: Effect.Effect<ReadonlyArray<InputItem>, Conversations.ConversationError> = Effect.suspend(() =>
    this.stage.world.isStored ? Effect.map(this.log, Conversations.history) : Effect.succeed(this.history)
  )

  readonly prepare = (move: Move): Effect.Effect<Prepared, Conversations.ConversationError> =>
    Effect.gen(this, function*() {
      const { isStored } = this.stage.world
      const items = yield* this.items
      const ids = new Map(tokensOf(items).flatMap((token) => token._tag === "call" ? [[token.call, token.id]] : []))
      const verdicts = verdictsIn(yield* this.log, new Map([...ids].map(([call, id]) => [id, call])))
      const outputs: Array<InputItem> = []
      const decided = new Set<number>()
      const options = { approve: new Array<string>(), reject: new Array<string>(), answer: new Map<string, unknown>() }
      for (const [index, call] of this.conversation.pending.entries()) {
        const callId = ids.get(call) ?? assert.fail(`the call ${call} has no id`)
        const decision = this.fitting(move.decides[index % move.decides.length] ?? "leave", call)
        if (decision === "leave") continue
        if (decision === "output") {
          verdicts.given.add(call)
          outputs.push({ type: "function_call_output", call_id: callId, output: "given" })
          continue
        }
        decided.add(call)
        for (const how of decision === "both" ? ["answer", "approve"] as const : [decision]) {
          decide(verdicts, call, how)
          if (!isStored) this.stage.trace.note({ _tag: "decided", call, how })
          if (how === "answer") options.answer.set(callId, this.answerTo(call))
          else options[how].push(callId)
        }
      }
      const says = move.says || this.conversation.said.length === 0
      const text = says ? `question ${++this.questions}` : undefined
      const input = [...outputs, ...(text === undefined ? [] : [{ role: "user", content: text } as const])]
      const { approve, reject } = options
      const log = yield* this.log
      const earlier = earlierIn(log, text !== undefined)
      return {
        earlier,
        given: {
          approve,
          reject,
          answer: Object.fromEntries(options.answer),
          isStored,
          input: isStored ? input : [...items, ...input]
        },
        expected: this.expectation(move, text, verdicts, decided, earlier, lastTurnIn(log))
      }
    })

  /** What the reference expects, with what happened inside of tools, which no rule can know. */
  private expectation(
    move: Move,
    input: string | undefined,
    verdicts: Verdicts,
    decided: ReadonlySet<number>,
    earlier: Earlier,
    last: LastTurn | undefined
  ) {
    const { trace, world } = this.stage
    const [before, here, requests] = [this.conversation, trace.here, this.requests]
    const happened = trace.events.slice()
    return () => {
      const events = trace.since(here)
      const past: Past = {
        wasStarted: (call) => happened.some((event) => event._tag === "started" && event.call === call),
        hasFailed: (call, what) =>
          happened.some((event) => event._tag === "failed" && event.call === call && event.what === what),
        wasInterrupted: (call) => {
          const end = events.findLast((event) => event._tag === "ended" && event.call === call)
          return end?._tag === "ended" && end.how === "waits"
        },
        declines: (call) => {
          const end = events.findLast((event) => event._tag === "ended" && event.call === call)
          return end === undefined ? before.callOf(call).inner.fails : end._tag === "ended" && end.how === "declined"
        }
      }
      const innerCosts = (call: number) =>
        events.flatMap((event) =>
          (event._tag === "inner request" || event._tag === "chat") && event.call === call ? event.cost ?? [] : []
        )
      return expected({
        before,
        input,
        verdicts,
        decided,
        earlier,
        last,
        budgets: move,
        requests,
        past,
        innerCosts,
        isStored: world.isStored
      })
    }
  }

  private answerTo(call: number): unknown {
    return this.conversation.callOf(call).kind === "manual" ? { done: call } : { word: "so" }
  }

  private fitting(decision: Decision, call: number): Decision {
    const { kind } = this.conversation.callOf(call)
    if (decision !== "answer" && decision !== "both") return decision
    if (kind === "manual") return "answer"
    return kind === "ask" ? decision : "approve"
  }
}

const decide = (verdicts: { readonly [set in keyof Verdicts]: Set<number> }, call: number, how: How): void => {
  if (how === "answer") verdicts.answered.add(call)
  else {
    verdicts[how === "reject" ? "approved" : "rejected"].delete(call)
    verdicts[how === "reject" ? "rejected" : "approved"].add(call)
  }
}

/** The decisions that are stored. A decision of a run that could not store it counts no more. */
const verdictsIn = ({ entries }: Conversations.Log, calls: ReadonlyMap<string, number>) => {
  const verdicts = {
    approved: new Set<number>(),
    rejected: new Set<number>(),
    answered: new Set<number>(),
    given: new Set<number>()
  }
  for (const entry of entries) {
    const call = entry._tag === "decision" ? calls.get(entry.callId) : undefined
    if (entry._tag === "decision" && call !== undefined) decide(verdicts, call, entry.decision._tag)
  }
  return verdicts
}

/** What earlier runs did: for the task, which begins with the last new input of the user, and all of them. */
const earlierIn = ({ entries }: Conversations.Log, isNewTask: boolean): Earlier => {
  const first = entries.findLastIndex((entry) => entry._tag === "input" && entry.by === undefined)
  return { task: totalsOf(isNewTask ? [] : entries.slice(first + 1)), conversation: totalsOf(entries) }
}

const totalsOf = (entries: ReadonlyArray<Conversations.Entry>): Totals => {
  const usages = entries.flatMap((entry) =>
    entry._tag === "spent" ? [entry.usage] : entry._tag === "turn" || entry._tag === "tool" ? [entry.record.usage] : []
  )
  return {
    cost: usages.reduce((sum, { cost, upstreamCost }) => sum + cost + upstreamCost, 0),
    tokens: usages.reduce((sum, { totalTokens }) => sum + totalTokens, 0),
    turns: entries.filter((entry) => entry._tag === "turn").length
  }
}

/** The last turn, if nothing but the ends of runs was stored behind it. */
const lastTurnIn = ({ entries }: Conversations.Log): LastTurn | undefined => {
  const at = entries.findLastIndex(({ _tag }) => _tag === "turn")
  const turn = entries[at]
  const later = entries.slice(at + 1)
  if (turn?._tag !== "turn" || later.some(({ _tag }) => ["input", "output", "tool"].includes(_tag))) return undefined
  const ends = later.flatMap((entry) => entry._tag === "closed" ? [entry.outcome] : [])
  const { output, status } = turn.record.response
  const parts = output.flatMap((item) => arrayAt(item, "content"))
  const says = (what: "text" | "refusal") => parts.some((part) => (stringAt(part, what) ?? "") !== "")
  const hasOthers = output.some(({ type }) => type !== "reasoning" && type !== "message")
  return {
    isCut: status === "incomplete",
    isEmpty: status !== "incomplete" && !hasOthers && !says("text") && !says("refusal"),
    isRefusal: !hasOthers && !says("text") && says("refusal"),
    outcome: ends.findLast((outcome) => !["failed", "interrupted", "taken_over"].includes(outcome))
  }
}
