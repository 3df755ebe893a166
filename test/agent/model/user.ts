/** The user of a conversation between two runs: reads what is pending, decides, and starts the next run. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Conversations from "../../../src/agent/Conversation.js"
import type { InputItem } from "../../../src/schema/ResponsesItemsRequest.js"
import { restedIn } from "./active.js"
import { Conversation } from "./conversation.js"
import type { Finished, Given, Stage } from "./driver.js"
import type { Past, Verdicts } from "./fates.js"
import { decide, earlierIn, lastTurnIn, verdictsIn } from "./log.js"
import { expected } from "./reference.js"
import { type Beside, type Earlier, type Expected, hasOnlyWords, type Situation } from "./situation.js"
import { heardIn } from "./steering.js"
import { timesIn } from "./times.js"
import { tokensOf } from "./wire.js"
import type { Decision, Move } from "./world.js"

/** A run before it starts: its options, and what the reference expects of it, which is known when it has ended. */
export interface Prepared {
  readonly given: Omit<Given, "run">
  readonly expected: (finished: Finished) => Expected
  /** What the runs before it did, for its limits. */
  readonly earlier: (run: string) => Earlier
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
          outputs.push(this.outputOf(call, callId))
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
      const log = yield* this.log
      const says = move.says || this.conversation.said.length + Conversations.waiting(log).length === 0
      const text = says ? `question ${++this.questions}` : undefined
      const input = [...outputs, ...(text === undefined ? [] : [{ role: "user", content: text } as const])]
      const { approve, reject } = options
      const situated = this.situation(move, text, verdicts, decided, log)
      return {
        earlier: (run) => situated(run).earlier,
        given: {
          approve,
          reject,
          answer: Object.fromEntries(options.answer),
          isStored,
          question: text,
          input: isStored ? input : [...items, ...input]
        },
        expected: (finished) => expected(situated(finished.run, finished))
      }
    })

  /** What the reference starts from, with what happened inside of tools and when others spoke, which no rule can know. */
  private situation(
    move: Move,
    input: string | undefined,
    verdicts: Verdicts,
    decided: ReadonlySet<number>,
    log: Conversations.Log
  ) {
    const { trace, world } = this.stage
    const [before, here, requests] = [this.conversation, trace.here, this.requests]
    const happened = trace.events.slice()
    return (run: string, finished?: Finished): Situation => {
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
      const beside: Beside = {
        inside: (call) =>
          events.flatMap((event) =>
            (event._tag === "inner request" || event._tag === "side request") && event.call === call
              ? event.cost ?? []
              : []
          ),
        during: (request) => {
          const at = events.findIndex((event) => event._tag === "request" && event.turn === request)
          const next = events.findIndex((event, index) => index > at && ["request", "over"].includes(event._tag))
          const meanwhile = at === -1 ? [] : events.slice(at, next === -1 ? undefined : next)
          return meanwhile.flatMap((event) => event._tag === "late request" ? [event.cost] : [])
        }
      }
      const heard = heardIn(happened, events, run, before.words)
      const isNewTask = input !== undefined || hasOnlyWords({ before, heard, input, verdicts })
      return {
        before,
        input,
        verdicts,
        decided,
        earlier: earlierIn(log, isNewTask),
        last: lastTurnIn(log),
        budgets: move,
        verdict: move.verdict,
        rests: move.rests,
        rested: (turn) => restedIn(happened, turn),
        requests,
        past,
        beside,
        times: timesIn(trace.events, finished ?? { run, progress: undefined }),
        heard,
        isStored: world.isStored
      }
    }
  }

  private outputOf(call: number, callId: string): InputItem {
    return this.conversation.isOfServer(call)
      ? { type: "mcp_approval_response", approval_request_id: callId, approve: true }
      : { type: "function_call_output", call_id: callId, output: "given" }
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
