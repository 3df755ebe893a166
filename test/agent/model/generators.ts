import * as FastCheck from "effect/FastCheck"
import type { Answer, Breakage, Call, Case, Decision, Disturbance, Failure, Kind, Moment, Move, Turn } from "./world.js"

const { array, boolean, constant, constantFrom, integer, oneof, record } = FastCheck

const handled = constantFrom<Array<Kind>>("fast", "fast", "slow", "declines", "dies", "hangs", "flaky", "fatal", "ask")

const unhandled = constantFrom<Array<Kind>>("manual", "unknown", "badJson", "badArguments")

const id = constantFrom<Array<Call["id"]>>("own", "own", "own", "same", "same", "other", "")

const call: FastCheck.Arbitrary<Call> = oneof(
  { weight: 4, arbitrary: record({ kind: handled, gated: integer({ min: 0, max: 2 }).map((n) => n === 2), id }) },
  { weight: 1, arbitrary: record({ kind: unhandled, gated: constant(false), id }) }
)

const cost = constantFrom(0, 0.25, 0.5, 1)

const rarely = integer({ min: 0, max: 5 }).map((n) => n === 5)

const answer = (calls: FastCheck.Arbitrary<ReadonlyArray<Call>>): FastCheck.Arbitrary<Answer> =>
  record({
    _tag: constant("answer" as const),
    thinks: boolean(),
    says: boolean(),
    calls,
    isCut: rarely,
    cost,
    pace: constantFrom(0, 0, 0, 5)
  })

const failure: FastCheck.Arbitrary<Failure> = record({
  _tag: constant("failure" as const),
  how: constantFrom<Array<Breakage>>(
    "refused",
    "limited",
    "overloaded",
    "unreachable",
    "truncated",
    "stalled",
    "reset",
    "failed",
    "failed",
    "failed",
    "error"
  ),
  calls: array(call, { maxLength: 1 }),
  cost
})

const turn: FastCheck.Arbitrary<Turn> = oneof(
  { weight: 9, arbitrary: answer(array(call, { minLength: 1, maxLength: 4 })) },
  { weight: 2, arbitrary: answer(constant([])) },
  { weight: 2, arbitrary: failure }
)

const moment: FastCheck.Arbitrary<Moment> = oneof(
  { weight: 3, arbitrary: record({ events: integer({ min: 1, max: 9 }) }) },
  { weight: 1, arbitrary: record({ millis: integer({ min: 0, max: 120 }) }) }
)

const disturbance = (isStored: boolean): FastCheck.Arbitrary<Disturbance> =>
  oneof(
    { weight: 6, arbitrary: constant<Disturbance>({ _tag: "none" }) },
    { weight: 4, arbitrary: record({ _tag: constant("interrupt" as const), at: moment }) },
    { weight: 1, arbitrary: record({ _tag: constant("leave" as const), after: integer({ min: 1, max: 40 }) }) },
    ...(isStored
      ? [
        { weight: 4, arbitrary: record({ _tag: constant("ask" as const), at: moment }) },
        { weight: 3, arbitrary: constant<Disturbance>({ _tag: "twice" }) }
      ]
      : [])
  )

const decision = constantFrom<Array<Decision>>("approve", "approve", "reject", "answer", "both", "output", "leave")

const sometimes = <A>(arbitrary: FastCheck.Arbitrary<A>): FastCheck.Arbitrary<A | undefined> =>
  oneof(
    { weight: 2, arbitrary: constant(undefined) },
    { weight: 1, arbitrary }
  )

const move = (isStored: boolean): FastCheck.Arbitrary<Move> =>
  record({
    says: rarely,
    decides: array(decision, { minLength: 1, maxLength: 4 }),
    maxSteps: sometimes(integer({ min: 1, max: 3 })),
    maxCost: sometimes(constantFrom(0.25, 0.5, 1, 1.5)),
    stop: sometimes(constantFrom("steps" as const, "tool" as const, "length" as const)),
    final: constantFrom<Array<string | false>>(false, false, "", "Answer now."),
    retries: constantFrom(0, 0, 1, 2),
    isStrict: rarely,
    concurrency: constantFrom(1, 2, 8, 8),
    isStreamed: rarely,
    disturbance: disturbance(isStored)
  })

export const anyCase: FastCheck.Arbitrary<Case> = constantFrom(true, true, false).chain((isStored) =>
  record({
    isStored: constant(isStored),
    latency: constantFrom(0, 0, 1, 3),
    turns: array(turn, { minLength: 3, maxLength: 8 }),
    moves: array(move(isStored), { minLength: 1, maxLength: 5 })
  })
)
