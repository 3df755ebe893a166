/** The user of a case: starts runs, decides, interrupts, and compares the results with the reference. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import type * as Budget from "../../../src/agent/Budget.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import type { AgentEvent } from "../../../src/agent/internal/events.js"
import * as StopWhen from "../../../src/agent/StopWhen.js"
import type { InputItem } from "../../../src/schema/ResponsesItemsRequest.js"
import { interruptSoon, makeWatch, type Watch } from "../../support/effect/fibers.js"
import { delays } from "../../support/effect/schedules.js"
import { activeIn } from "./active.js"
import { elapse, forever, rest } from "./clock.js"
import * as Said from "./conversation.js"
import { guards } from "./guards.js"
import { holderOf } from "./invariants.js"
import { observing, type Speaker } from "./steering.js"
import { storeOf, type Weather } from "./stores.js"
import { agents, Current, handlers } from "./tools.js"
import { Process, type Trace } from "./trace.js"
import type { Case, Moment, Move } from "./world.js"
import { wraps } from "./wraps.js"

/** The options of a run, without its budgets. */
export interface Given {
  readonly run: string
  readonly isStored: boolean
  readonly input: ReadonlyArray<InputItem>
  /** What the user says. */
  readonly question: string | undefined
  readonly approve: ReadonlyArray<string>
  readonly reject: ReadonlyArray<string>
  readonly answer: { readonly [callId: string]: unknown }
}

/** How a run ended, for its caller. */
export interface Finished {
  readonly run: string
  readonly exit: Exit.Exit<Agent.Run, { readonly _tag: string }>
  readonly progress: Agent.Progress | undefined
  readonly isDead: boolean
}

/** What a case is played with: `store` is the store from the view of other processes, `purse` pays for all runs. */
export interface Stage {
  readonly world: Case
  readonly trace: Trace
  readonly store: Conversation.Store
  readonly weather: Weather
  readonly purse: Budget.Budget
  readonly speaker: Speaker
}

const conditionsOf = ({ maxCost, maxTime, maxTokens, of, stop }: Move) => [
  ...(maxCost === undefined ? [] : [StopWhen.maxCost(maxCost, { of })]),
  ...(maxTokens === undefined ? [] : [StopWhen.maxTokensUsed(maxTokens, { of })]),
  ...(maxTime === undefined ? [] : [StopWhen.elapsed(maxTime, { of })]),
  ...(stop === "steps" ? [StopWhen.stepCountIs(2, { of })] : []),
  ...(stop === "before slow" ? [StopWhen.beforeToolCall("slow")] : []),
  ...(stop === "after slow" ? [StopWhen.hasToolCall("slow")] : []),
  ...(stop === "length" ? [StopWhen.finishReasonIs("length")] : [])
]

const optionsOf = (
  { purse }: Stage,
  move: Move,
  given: Given,
  end: (reached: Agent.Progress) => Effect.Effect<void>,
  wrap: ReturnType<typeof wraps>,
  others: ReadonlyArray<ReturnType<typeof observing>[number] | ReturnType<typeof guards>[number]>
) => ({
  ...agents(move.forces ? "required" : undefined, activeIn(move)),
  model: "test/model",
  safety_identifier: given.run,
  input: given.input.length === 0 ? undefined : given.input,
  conversation: given.isStored ? "c" : undefined,
  approve: given.approve,
  reject: given.reject,
  answer: given.answer,
  stopWhen: conditionsOf(move),
  budget: purse,
  maxSteps: move.maxSteps,
  allowFinalResponse: move.final,
  strictFinalResponse: move.isStrict,
  onUnknownTool: move.isStrict ? "error" : "return",
  retryTurn: delays(move.retries, 5),
  toolConcurrency: move.concurrency,
  middleware: [{ end }, ...others, ...(wrap === undefined ? [] : [wrap])]
} as const)

/** Reads the events of a run at the pace of the case, and returns the run. */
const read = <E, R>(
  { disturbance, pauses }: Move,
  events: Stream.Stream<AgentEvent, E, R>,
  process: Process
) => {
  const millisAt = new Map(pauses.map(({ at, millis }) => [at, millis]))
  return events.pipe(
    Stream.zipWithIndex,
    Stream.mapEffect(([event, index]) =>
      Effect.as(Effect.zipRight(tell(process, event), Effect.sleep(millisAt.get(index) ?? 0)), event)
    ),
    Stream.take(disturbance._tag === "leave" ? disturbance.after : Number.MAX_SAFE_INTEGER),
    Stream.filter((event) => event.type === "run.end"),
    Stream.map((event) => event.run),
    Stream.runLast,
    Effect.flatMap(Option.match({ onNone: () => Effect.interrupt, onSome: Effect.succeed }))
  )
}

const tell = (process: Process, event: AgentEvent): Effect.Effect<void> =>
  event.type === "turn.end"
    ? process.observe(() => ({ _tag: "told", what: { response: event.response.id ?? "" } }))
    : event.type === "tool.result"
    ? process.observe(() => ({ _tag: "told", what: { callId: event.toolCallId } }))
    : Effect.void

/** Starts a run, and counts its fibers. */
const start = (
  stage: Stage,
  move: Move,
  given: Given,
  watch: Watch
) =>
  Effect.gen(function*() {
    const { store, trace, weather, world } = stage
    let progress: Agent.Progress | undefined
    const process = new Process(given.run, trace)
    const options = optionsOf(
      stage,
      move,
      given,
      (reached) => Effect.sync(() => void (progress = reached)),
      wraps(world, process),
      [...observing(move.words, process), ...guards(world, process, given.question, move.verdict)]
    )
    const run = move.isStreamed || move.disturbance._tag === "leave"
      ? read(move, Agent.stream(options), process)
      : Agent.run(options)
    const hosted = run.pipe(
      Effect.provide(handlers(world, process)),
      Effect.provideService(Current, process),
      Effect.provideService(Conversation.Conversation, storeOf(store, world, process, weather))
    )
    // A daemon, because a run that hangs would also block the fiber that waits for its interruption
    const fiber = yield* Effect.forkDaemon(watch.within(hosted))
    const finished = Effect.map(
      Fiber.await(fiber),
      (exit): Finished => ({
        run: given.run,
        exit,
        progress: Exit.isSuccess(exit) ? exit.value : progress,
        isDead: process.isDead
      })
    )
    return { fiber, process, finished }
  })

/** Interrupts a run, kills its process, or sends it a request to interrupt. */
const disturbed = (
  { store, trace }: Stage,
  { disturbance }: Move,
  fiber: Fiber.RuntimeFiber<unknown, unknown>,
  process: Process
) => {
  const interrupt = Effect.sync(() => interruptSoon(fiber))
  switch (disturbance._tag) {
    case "interrupt":
      return at(disturbance.at, trace, interrupt)
    case "ask":
      return at(disturbance.at, trace, ask(trace, store))
    case "kill":
      // The fibers of a dead process have no effect any more; they end because nobody else would end them
      return at(disturbance.at, trace, Effect.zipRight(Effect.sync(() => trace.kill(process.run)), interrupt))
    default:
      return Effect.void
  }
}

const at = (moment: Moment, trace: Trace, act: Effect.Effect<void>) =>
  "events" in moment
    ? Effect.sync(() => trace.when(moment.events, act))
    : Effect.asVoid(Effect.forkScoped(Effect.delay(act, moment.millis)))

const ask = (trace: Trace, store: Conversation.Store) =>
  Effect.gen(function*() {
    const holder = holderOf(yield* store.load("c"))
    // A run that was killed holds the conversation until its lease ends, and hears nothing
    if (holder !== undefined && holder.until > (yield* Clock.currentTimeMillis)) trace.note({ _tag: "asked" })
    yield* Effect.provideService(Conversation.interrupt("c", "enough"), Conversation.Conversation, store)
  }).pipe(Effect.orDie)

const hasStuck = ({ trace, world }: Stage, since: number): boolean => {
  const conversation = new Said.Conversation(world.turns)
  return trace.since(since).some((event) =>
    event._tag === "started" && conversation.callOf(event.call).kind === "stuck"
  )
}

/** Executes a move and advances the clock as needed; `left` is how many fibers the runs left running. */
export const play = (stage: Stage, move: Move, given: ReadonlyArray<Given>) =>
  Effect.scoped(Effect.gen(function*() {
    const watch = yield* makeWatch
    const here = stage.trace.here
    const runs = yield* Effect.forEach(given, (one) => start(stage, move, one, watch))
    const sayings = move.words.filter(({ at }) => at !== "before").map((word) => ({
      at: word.at,
      say: stage.speaker.saying(word)
    }))
    // In fibers of their own, because others speak: no handler takes longer or can be interrupted later
    const scope = yield* Effect.scope
    for (const { at: moment, say } of sayings) {
      if (moment !== "before" && move.disturbance._tag !== "twice") {
        yield* at(moment, stage.trace, Effect.asVoid(Effect.forkIn(say, scope)))
      }
    }
    for (const { fiber, process } of runs) yield* disturbed(stage, move, fiber, process)
    yield* elapse(runs.map(({ fiber }) => fiber))
    stage.trace.forget()
    const finished = yield* Effect.forEach(runs, (run) => run.finished)
    stage.trace.note({ _tag: "over" })
    for (const { say } of sayings) yield* say
    yield* stage.speaker.repeat
    for (const { process } of runs) yield* stage.trace.late.end(process.run, process.isDead)
    // Handlers that were left behind end by themselves
    if (hasStuck(stage, here)) yield* TestClock.adjust(forever)
    yield* rest
    const left = yield* watch.alive
    return { finished, left }
  }))

/** Frees a conversation that a run could not release: takes it over, or waits for the end of the lease. */
export const free = ({ store }: Stage, { disturbance }: Move) =>
  Effect.gen(function*() {
    const holder = holderOf(yield* store.load("c"))
    if (holder === undefined) return
    if (disturbance._tag === "kill" && disturbance.isTakenOver) {
      return yield* Effect.provideService(Conversation.takeOver("c"), Conversation.Conversation, store)
    }
    yield* TestClock.setTime(Math.max(holder.until, yield* Clock.currentTimeMillis))
  })
