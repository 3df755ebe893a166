/** Random requests below one limit: how far they exceed it, and that each of them ends. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import { type ParentRunService, reserving, UsedUp } from "../../../src/agent/internal/state/parentRun.js"
import { Reservations } from "../../../src/agent/internal/state/reservations.js"
import * as Usage from "../../../src/agent/Usage.js"
import { nothing, type Spent } from "../../../src/http/spending.js"
import { poll } from "../../support/effect/fibers.js"

interface Request {
  readonly price: number
  readonly begins: number
  readonly lasts: number
  readonly ends: "succeeds" | "fails" | "is interrupted" | "is inside of another"
  readonly depth: number
}

const millis = FastCheck.integer({ min: 0, max: 6 })

const request: FastCheck.Arbitrary<Request> = FastCheck.record({
  price: FastCheck.constantFrom(0, 3, 4, 4),
  begins: millis,
  lasts: millis,
  ends: FastCheck.constantFrom("succeeds", "succeeds", "fails", "is interrupted", "is inside of another"),
  depth: FastCheck.integer({ min: 0, max: 1 })
})

const limit = FastCheck.integer({ min: 0, max: 15 })

const limitList = FastCheck.array(limit, { minLength: 1, maxLength: 3 })

const requests = FastCheck.array(request, { minLength: 1, maxLength: 16 })

const costing = (cost: number): Spent => ({ usage: { ...Usage.none, totalTokens: 1, cost }, unsettled: [] })

/** Sends all requests, each below the same limits. */
const send = (plan: ReadonlyArray<Request>, limits: ReadonlyArray<number>) =>
  Effect.gen(function*() {
    let total = 0
    let dearest = 0
    let beyond = 0
    let inFlight = 0
    // How many requests are refused while something is left
    let refused = 0
    const reservations = limits.map((limit) => new Reservations(`limit ${limit}`, () => limit - total))
    const one = ({ depth, ends, lasts, price }: Request) => {
      const above: ParentRunService = { depth, reservations, exhausted: Effect.succeed(undefined) }
      let spent = nothing
      const work = Effect.gen(function*() {
        inFlight++
        beyond += Math.max(0, price - dearest)
        yield* Effect.sleep(lasts)
        total += price
        dearest = Math.max(dearest, price)
        spent = costing(price)
        if (ends === "fails") return yield* Effect.interrupt
      })
      const counted = Effect.ensuring(work, Effect.sync(() => inFlight--))
      const inner = ends === "is inside of another" ? reserving(above, counted, () => spent) : counted
      return reserving(above, inner, () => spent)
    }
    const fibers = yield* Effect.forEach(plan, (given) =>
      Effect.gen(function*() {
        yield* Effect.sleep(given.begins)
        const result = yield* one(given)
        if (result instanceof UsedUp && total < Math.min(...limits)) refused++
      }).pipe(Effect.fork))
    const interrupt = (index: number) => fibers[index] === undefined ? Effect.void : Fiber.interrupt(fibers[index])
    yield* Effect.forEach(plan, ({ begins, ends, lasts }, index) =>
      ends === "is interrupted"
        ? Effect.asVoid(Effect.fork(Effect.zipRight(Effect.sleep(begins + lasts / 2), interrupt(index))))
        : Effect.void)
    yield* TestClock.adjust("1 hour")
    const exits = yield* Effect.forEach(fibers, poll)
    return { total, beyond, inFlight, refused, areOver: exits.every((exit) => exit._tag === "Some") }
  })

const run = (plan: ReadonlyArray<Request>, limits: ReadonlyArray<number>) =>
  Effect.runPromise(
    // The limits and the requests of this test require nothing
    Effect.provide(send(plan, limits), TestContext.TestContext) as Effect.Effect<
      Effect.Effect.Success<ReturnType<typeof send>>
    >
  )

describe("reservations", () => {
  it("are exceeded by one request at most, and by what requests cost beyond them; each request ends", () =>
    FastCheck.assert(
      FastCheck.asyncProperty(requests, limitList, async (plan, limits) => {
        const { areOver, beyond, inFlight, refused, total } = await run(plan, limits)
        assert.deepStrictEqual({ areOver, inFlight, refused }, { areOver: true, inFlight: 0, refused: 0 })
        const dearest = Math.max(...plan.map(({ price }) => price))
        assert.isAtMost(total, Math.min(...limits) + dearest + beyond)
      }),
      { numRuns: 100 }
    ))

  it("are exceeded by less than one request if all requests cost the same", () =>
    FastCheck.assert(
      FastCheck.asyncProperty(requests, limit, async (plan, limit) => {
        const { total } = await run(plan.map((request) => ({ ...request, price: 3, depth: 0 })), [limit])
        assert.isBelow(total, Math.max(limit, 1) + 3)
      }),
      { numRuns: 100 }
    ))
})
