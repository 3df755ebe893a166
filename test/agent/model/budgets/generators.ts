import * as FastCheck from "effect/FastCheck"
import type { Bill, Party, Price, Turn, Work, Worker } from "./party.js"

const { array, constant, constantFrom, integer, oneof, record } = FastCheck

/** Requests last an even time, and interruptions come at an odd one, so that no order is left to chance. */
const millis = constantFrom(0, 10, 10, 20, 30)

const price: FastCheck.Arbitrary<Price> = record({
  cost: constantFrom(0, 0.25, 0.25, 0.5, 1),
  bill: constantFrom<Array<Bill>>("charged", "charged", "charged", "own key", "missing")
})

/** One of so many has it. */
const maybe = <A>(many: number, some: FastCheck.Arbitrary<A>): FastCheck.Arbitrary<A | undefined> =>
  oneof({ weight: many - 1, arbitrary: constant(undefined) }, { weight: 1, arbitrary: some })

const rarely = integer({ min: 0, max: 7 }).map((n) => n === 7)

const usually = rarely.map((isRare) => !isRare)

/** A work with runs inside of it, up to a depth. */
const work = (depth: number): FastCheck.Arbitrary<Work> => {
  const chat = record({ _tag: constant("chat" as const), price, millis })
  return depth === 0
    ? chat
    : oneof({ weight: 1, arbitrary: chat }, {
      weight: 3,
      arbitrary: record({ _tag: constant("agent" as const), worker: worker(depth - 1, rarely) })
    })
}

const turn = (depth: number): FastCheck.Arbitrary<Turn> =>
  record({ price, millis, calls: array(work(depth), { minLength: 1, maxLength: 4 }) })

const worker = (depth: number, holds: FastCheck.Arbitrary<boolean>): FastCheck.Arbitrary<Worker> =>
  record({
    turns: array(turn(depth), { maxLength: 2 }).chain((turns) =>
      record({ price, millis }).map((last) => [...turns, { ...last, calls: [] }])
    ),
    fails: rarely,
    maxCost: maybe(2, constantFrom(0.25, 0.5, 1, 2)),
    maxTokens: maybe(6, constantFrom(10, 20, 30)),
    holds,
    final: maybe(2, price),
    begins: constantFrom(0, 0, 10),
    interrupted: maybe(9, constantFrom(5, 15, 25, 35))
  })

export const anyParty: FastCheck.Arbitrary<Party> = record({
  usd: constantFrom(undefined, 0.25, 0.5, 1, 2, 3),
  tokens: constantFrom(undefined, undefined, 10, 40),
  workers: array(worker(2, usually), { minLength: 1, maxLength: 5 })
})
