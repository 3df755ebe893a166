/** The user of a case: starts runs, decides, interrupts, and compares the results with the reference. */
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as Supervisor from "effect/Supervisor"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as StopWhen from "../../../src/agent/StopWhen.js"
import type { InputItem } from "../../../src/schema/ResponsesItemsRequest.js"
import { tools } from "./tools.js"
import type { Trace } from "./trace.js"
import type { Moment, Move } from "./world.js"

/** The options of a run, without its budgets. */
export interface Given {
  readonly run: string
  readonly isStored: boolean
  readonly input: ReadonlyArray<InputItem>
  readonly approve: ReadonlyArray<string>
  readonly reject: ReadonlyArray<string>
  readonly answer: { readonly [callId: string]: unknown }
}

/** How a run ended, for its caller. */
export interface Finished {
  readonly run: string
  readonly exit: Exit.Exit<Agent.Run, { readonly _tag: string }>
  readonly progress: Agent.Progress | undefined
}

const conditionsOf = ({ maxCost, stop }: Move) => [
  ...(maxCost === undefined ? [] : [StopWhen.maxCost(maxCost)]),
  ...(stop === "steps" ? [StopWhen.stepCountIs(2)] : []),
  ...(stop === "tool" ? [StopWhen.hasToolCall("slow")] : []),
  ...(stop === "length" ? [StopWhen.finishReasonIs("length")] : [])
]

const optionsOf = (move: Move, given: Given, end: (reached: Agent.Progress) => Effect.Effect<void>) => ({
  model: "test/model",
  tools,
  safety_identifier: given.run,
  input: given.input.length === 0 ? undefined : given.input,
  conversation: given.isStored ? "c" : undefined,
  approve: given.approve,
  reject: given.reject,
  answer: given.answer,
  stopWhen: conditionsOf(move),
  maxSteps: move.maxSteps,
  allowFinalResponse: move.final,
  strictFinalResponse: move.isStrict,
  onUnknownTool: move.isStrict ? "error" : "return",
  retryTurn: Schedule.addDelay(Schedule.recurs(move.retries), () => 5),
  toolConcurrency: move.concurrency,
  middleware: { end }
} as const)

/** Starts a run, and reports its fibers to the supervisor. */
const start = (move: Move, given: Given, supervisor: Supervisor.Supervisor<unknown>) =>
  Effect.gen(function*() {
    let progress: Agent.Progress | undefined
    const options = optionsOf(move, given, (reached) => Effect.sync(() => void (progress = reached)))
    const { disturbance } = move
    const run = move.isStreamed || disturbance._tag === "leave"
      ? Agent.stream(options).pipe(
        Stream.take(disturbance._tag === "leave" ? disturbance.after : Number.MAX_SAFE_INTEGER),
        Stream.filterMap((event) => event.type === "run.end" ? Option.some(event.run) : Option.none()),
        Stream.runLast,
        Effect.flatMap(Option.match({ onNone: () => Effect.interrupt, onSome: Effect.succeed }))
      )
      : Agent.run(options)
    // A daemon, because a run that hangs would also block the fiber that waits for its interruption
    const fiber = yield* Effect.forkDaemon(Effect.supervised(run, supervisor))
    const finished = Effect.map(
      Fiber.await(fiber),
      (exit): Finished => ({ run: given.run, exit, progress: Exit.isSuccess(exit) ? exit.value : progress })
    )
    return { fiber, finished }
  })

/** Lets all fibers run that can run now. */
const tick = Effect.async<void>((resume) => {
  const immediate = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(immediate))
})

/** Moves the clock from one moment at which something happens to the next, until the fibers are over. */
const elapse = (fibers: ReadonlyArray<Fiber.RuntimeFiber<unknown, unknown>>) =>
  Effect.gen(function*() {
    while (true) {
      yield* Effect.repeatN(tick, 2)
      const exits = yield* Effect.forEach(fibers, Fiber.poll)
      if (exits.every(Option.isSome)) return
      const now = yield* Clock.currentTimeMillis
      const next = Math.min(...Chunk.toReadonlyArray(yield* TestClock.sleeps()).filter((at) => at > now))
      if (next - now > 60_000) return yield* Effect.dieMessage(`a run hangs at ${now} ms`)
      yield* TestClock.setTime(next)
    }
  })

/** Interrupts a run, or sends it a request to interrupt. */
const disturbed = (
  move: Move,
  trace: Trace,
  fiber: Fiber.RuntimeFiber<unknown, unknown>,
  store: Conversation.Store
) => {
  const { disturbance } = move
  if (disturbance._tag !== "interrupt" && disturbance._tag !== "ask") return Effect.void
  const interrupt = Effect.sync(() => fiber.unsafeInterruptAsFork(FiberId.none))
  const act = disturbance._tag === "interrupt" ? interrupt : ask(trace, store)
  return at(disturbance.at, trace, act)
}

const at = (moment: Moment, trace: Trace, act: Effect.Effect<void>) =>
  "events" in moment
    ? Effect.sync(() => trace.when(moment.events, act))
    : Effect.asVoid(Effect.forkScoped(Effect.delay(act, moment.millis)))

const ask = (trace: Trace, store: Conversation.Store) =>
  Effect.gen(function*() {
    const { entries } = yield* store.load("c")
    const isHeld = entries.findLast(({ _tag }) => _tag === "opened" || _tag === "closed")?._tag === "opened"
    if (isHeld) trace.note({ _tag: "asked" })
    yield* Effect.provideService(Conversation.interrupt("c", "enough"), Conversation.Conversation, store)
  }).pipe(Effect.orDie)

/**
 * Executes a move and advances the clock as needed; `left` are the fibers that the runs left running, and
 * `store` is the store from the view of other processes.
 */
export const play = (move: Move, trace: Trace, store: Conversation.Store, given: ReadonlyArray<Given>) =>
  Effect.scoped(Effect.gen(function*() {
    const supervisor = yield* Supervisor.track
    const runs = yield* Effect.forEach(given, (one) => start(move, one, supervisor))
    for (const { fiber } of runs) yield* disturbed(move, trace, fiber, store)
    yield* elapse(runs.map(({ fiber }) => fiber))
    trace.forget()
    const finished = yield* Effect.forEach(runs, (run) => run.finished)
    yield* tick
    const left = (yield* supervisor.value).map((fiber) => fiber.id())
    return { finished, left }
  }))

/** How a run ended, in the terms of the reference. */
export const endingOf = ({ exit }: Finished, numberOf: (callId: string) => number | undefined): {
  readonly tag: string
  readonly detail?: string | undefined
  readonly pending: ReadonlyArray<readonly [call: number | undefined, reason: string]>
} => {
  if (Exit.isFailure(exit)) {
    const failure = Cause.failureOption(exit.cause)
    if (Option.isSome(failure)) return { tag: failure.value._tag, pending: [] }
    return { tag: Cause.isInterrupted(exit.cause) ? "cut short" : `died: ${Cause.pretty(exit.cause)}`, pending: [] }
  }
  const { outcome, pending } = exit.value
  const detail = outcome._tag === "stopped"
    ? outcome.condition
    : outcome._tag === "incomplete" || outcome._tag === "interrupted"
    ? outcome.reason
    : undefined
  return {
    tag: outcome._tag,
    ...(detail === undefined ? {} : { detail }),
    pending: pending.map(({ callId, reason }) => [numberOf(callId), reason] as const)
  }
}
