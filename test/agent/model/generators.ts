import * as FastCheck from "effect/FastCheck"
import {
  type Answer,
  type Bill,
  type Breakage,
  type Call,
  type Case,
  type Decision,
  type Disturbance,
  type Failure,
  type Fault,
  type Inner,
  type Kind,
  type Moment,
  type Move,
  type Pause,
  slow,
  type Speech,
  type Turn,
  type Verdict,
  type Word,
  type Wrap
} from "./world.js"

/** Which features a case has. */
interface Shape {
  readonly isStored: boolean
  readonly isWrapped: boolean
  readonly isGuarded: boolean
  /** Whether others speak to the conversation. */
  readonly isSteered: boolean
}

const { array, boolean, constant, constantFrom, integer, oneof, record } = FastCheck

const handled = constantFrom<Array<Kind>>(
  "fast",
  "fast",
  "slow",
  "slow",
  "declines",
  "dies",
  "hangs",
  "stuck",
  "chats",
  "flaky",
  "fatal",
  "ask",
  "reports",
  "unshowable",
  "touchy",
  "agent",
  "embeds",
  "leaves",
  "over",
  "over"
)

const unhandled = constantFrom<Array<Kind>>("manual", "unknown", "badJson", "badArguments", "server", "server")

const id = constantFrom<Array<Call["id"]>>("own", "own", "own", "same", "same", "other", "")

const rarely = integer({ min: 0, max: 5 }).map((n) => n === 5)

const cost = constantFrom(0, 0.25, 0.5, 1)

const inner: FastCheck.Arbitrary<Inner> = record({
  costs: array(constantFrom(0, 0.25, 0.5), { minLength: 1, maxLength: 3 }),
  fails: rarely,
  leaves: rarely
})

const wrap = ({ isGuarded, isWrapped }: Shape): FastCheck.Arbitrary<Wrap> =>
  isWrapped
    ? constantFrom<Array<Wrap>>(
      "nothing",
      "nothing",
      "delays",
      "changes",
      "refuses",
      "throws",
      "fails after",
      "repeats",
      ...(isGuarded ? ["blocks", "blocks"] as const : [])
    )
    : constant("nothing")

/** A call with a handler, or one that no handler executes. */
const call = (shape: Shape): FastCheck.Arbitrary<Call> => {
  const gated = integer({ min: 0, max: 2 }).map((n) => n === 2)
  return oneof(
    { weight: 4, arbitrary: record({ kind: handled, gated, id, inner, wrap: wrap(shape) }).map(timeless) },
    {
      weight: 1,
      arbitrary: record({ kind: unhandled, gated: constant(false), id, inner, wrap: constant<Wrap>("nothing") })
    }
  )
}

/** Nobody observes when a handoff begins and ends, so it takes no time. */
const timeless = (call: Call): Call =>
  call.kind === "over" && call.wrap === "delays" ? { ...call, wrap: "nothing" } : call

const says = constantFrom<Array<Speech>>(
  "words",
  "words",
  "words",
  "nothing",
  "nothing",
  "nothing",
  "blank",
  "refusal",
  "words and refusal"
)

const bill = constantFrom<Array<Bill>>("charged", "charged", "charged", "own key", "missing")

const paces = (isSteered: boolean): FastCheck.Arbitrary<number> =>
  constantFrom(0, 0, 0, 5, ...(isSteered ? [slow, slow, slow] : []))

const answer = (
  calls: FastCheck.Arbitrary<ReadonlyArray<Call>>,
  { isGuarded, isSteered }: Shape
): FastCheck.Arbitrary<Answer> =>
  record({
    _tag: constant("answer" as const),
    thinks: boolean(),
    says,
    calls,
    isCut: rarely,
    cost,
    bill,
    pace: paces(isSteered),
    verdict: isGuarded
      ? constantFrom<Array<Verdict>>("pass", "pass", "pass", "replace", "block")
      : constant<Verdict>("pass")
  }).map((answer) => answer.pace === slow ? { ...answer, says: "words" } : answer)

const failure = (shape: Shape): FastCheck.Arbitrary<Failure> =>
  record({
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
      "error",
      // A guardrail lets nothing pass that is not whole
      ...(shape.isGuarded ? [] : ["unended", "unended", "unended by a reset"] as const)
    ),
    calls: array(call(shape), { maxLength: 2 }),
    cost
  })

const turn = (shape: Shape): FastCheck.Arbitrary<Turn> =>
  oneof(
    { weight: 9, arbitrary: answer(array(call(shape), { minLength: 1, maxLength: 4 }), shape) },
    { weight: 2, arbitrary: answer(constant([]), shape) },
    { weight: 2, arbitrary: failure(shape) }
  )

const moment: FastCheck.Arbitrary<Moment> = oneof(
  { weight: 3, arbitrary: record({ events: integer({ min: 1, max: 9 }) }) },
  { weight: 1, arbitrary: record({ millis: integer({ min: 0, max: 120 }) }) }
)

/** Slow responses take as long. */
const later: FastCheck.Arbitrary<Moment> = oneof(
  { weight: 3, arbitrary: moment },
  { weight: 2, arbitrary: record({ millis: integer({ min: 0, max: 3000 }) }) }
)

const disturbance = (isStored: boolean, moment: FastCheck.Arbitrary<Moment>): FastCheck.Arbitrary<Disturbance> =>
  oneof(
    { weight: 6, arbitrary: constant<Disturbance>({ _tag: "none" }) },
    { weight: 4, arbitrary: record({ _tag: constant("interrupt" as const), at: moment }) },
    { weight: 1, arbitrary: record({ _tag: constant("leave" as const), after: integer({ min: 1, max: 40 }) }) },
    ...(isStored
      ? [
        { weight: 4, arbitrary: record({ _tag: constant("ask" as const), at: moment }) },
        { weight: 3, arbitrary: record({ _tag: constant("kill" as const), at: moment, isTakenOver: boolean() }) },
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

const pause: FastCheck.Arbitrary<Pause> = record({
  at: integer({ min: 0, max: 60 }),
  millis: constantFrom(1, 20, 150, 20_000)
})

/** Most series are short enough for the run to survive. */
const fault: FastCheck.Arbitrary<Fault> = record({
  at: integer({ min: 1, max: 40 }),
  times: constantFrom(1, 1, 3, 20),
  how: constantFrom<Array<Fault["how"]>>("fails", "fails written", "hangs", "hangs written")
})

const word: FastCheck.Arbitrary<Word> = record({
  at: oneof({ weight: 1, arbitrary: constant("before" as const) }, { weight: 3, arbitrary: later }),
  isUrgent: boolean(),
  isRepeated: rarely
})

const resting = constantFrom(undefined, "fast", "fast", "slow", "agent", "ask", "over", "manual", "declines")

const move = ({ isGuarded, isSteered, isStored }: Shape): FastCheck.Arbitrary<Move> =>
  record({
    says: rarely,
    verdict: isGuarded ? constantFrom<Array<Verdict>>("pass", "replace", "block") : constant<Verdict>("pass"),
    rests: oneof(
      { weight: 2, arbitrary: constant([undefined]) },
      { weight: 1, arbitrary: array(resting, { minLength: 1, maxLength: 3 }) }
    ),
    decides: array(decision, { minLength: 1, maxLength: 4 }),
    maxSteps: sometimes(integer({ min: 1, max: 3 })),
    maxCost: sometimes(constantFrom(0.25, 0.5, 1, 1.5)),
    maxTokens: rarely.chain((isLimited) => isLimited ? constantFrom(1, 150, 250, 500) : constant(undefined)),
    maxTime: sometimes(constantFrom(1, 20, 60, 150, 900)),
    of: constantFrom<Array<Move["of"]>>("task", "task", "run", isStored ? "conversation" : "run"),
    stop: sometimes(constantFrom("steps" as const, "before slow" as const, "after slow" as const, "length" as const)),
    final: constantFrom<Array<Move["final"]>>(undefined, undefined, false, "", "Answer now."),
    retries: constantFrom(0, 0, 1, 2),
    isStrict: rarely,
    forces: rarely,
    concurrency: constantFrom(1, 2, 8, 8),
    isStreamed: rarely,
    pauses: array(pause, { maxLength: 3 }),
    disturbance: disturbance(isStored, isSteered ? later : moment),
    words: isSteered ? array(word, { maxLength: 3 }) : constant([])
  })

const caseOf = (shape: Shape): FastCheck.Arbitrary<Case> =>
  record({
    isStored: constant(shape.isStored),
    tells: shape.isSteered ? constantFrom(true, true, false) : constant(false),
    latency: constantFrom(0, 0, 1, 3),
    faults: shape.isStored ? oneof(constant([]), array(fault, { maxLength: 3 })) : constant([]),
    turns: array(turn(shape), { minLength: 3, maxLength: 8 }),
    moves: array(move(shape), { minLength: 1, maxLength: 5 })
  })

export const anyCase: FastCheck.Arbitrary<Case> = record({
  isStored: constantFrom(true, true, false),
  isWrapped: constantFrom(true, false, false),
  isSteered: boolean(),
  isGuarded: constantFrom(true, false, false)
}).chain((shape) => caseOf({ ...shape, isSteered: shape.isSteered && shape.isStored }))
