/** One case from its first move to the end of its conversation. */
import { assert } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as TestContext from "effect/TestContext"
import * as Budget from "../../../src/agent/Budget.js"
import * as Conversations from "../../../src/agent/Conversation.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { quiet } from "../../support/effect/logs.js"
import { checkActive } from "./active.js"
import * as Bill from "./bill.js"
import { checkBudgets, compare, endingOf, requestsOf } from "./comparison.js"
import { conversationOf } from "./conversation.js"
import { type Finished, free, type Given, play, type Stage } from "./driver.js"
import * as Check from "./invariants.js"
import { embeddingsOf, scriptOf } from "./script.js"
import { checkSteered, checkWords, Speaker } from "./steering.js"
import { survived, Weather } from "./stores.js"
import { checkSpans } from "./times.js"
import { Trace } from "./trace.js"
import { User } from "./user.js"
import { tokensOf } from "./wire.js"
import { type Case, type Move, onward } from "./world.js"

const isLost = ({ exit }: Finished): boolean =>
  Exit.isFailure(exit) &&
  Option.exists(
    Cause.failureOption(exit.cause),
    ({ _tag }) => ["ConversationConflictError", "ConversationBusyError"].includes(_tag)
  )

/** One run, or two of which one must fail. Returns how it ended. */
const step = (user: User, move: Move, run: string) =>
  Effect.gen(function*() {
    const { stage } = user
    const { trace, weather, world } = stage
    const here = trace.here
    for (const word of move.words) if (word.at === "before") yield* stage.speaker.saying(word)
    const before = user.conversation
    const leftBy = Check.holderOf(yield* user.log)?.run
    const isTwice = move.disturbance._tag === "twice"
    const { earlier, expected, given } = yield* user.prepare(move)
    weather.isOn = !isTwice
    const runs = isTwice ? [`${run} a`, `${run} b`] : [run]
    const { finished, left } = yield* play(stage, move, runs.map((run): Given => ({ ...given, run })))
    const faults = weather.worst()
    const events = trace.since(here)
    assert.strictEqual(left, 0, "fibers are left")
    assert.strictEqual((yield* TestModel.responses).open, 0, "an answer is still open")
    const lost = finished.filter(isLost)
    const others = finished.filter((one) => !isLost(one))
    for (const loser of lost) assert.deepStrictEqual(requestsOf(events, loser.run), [], "the loser sent a request")
    assert.isAtLeast(others.length, 1, "nobody won")
    for (const one of others) checkBudgets(events, one.run, move, world, earlier(one.run))
    for (const { progress } of others) {
      if (progress !== undefined) user.spent += Bill.paidOf(progress.usage)
    }
    const [first] = others
    // A run whose input is blocked has no history
    if (first?.progress !== undefined && first.progress.history.length > 0) user.history = first.progress.history
    const tokens = tokensOf(yield* user.items)
    const found = conversationOf(world.turns, tokens)
    const tags = others.map((one) => endingOf(one, () => undefined).tag)
    const hasForgotten = first?.isDead === true || faults > survived
    if (faults > survived) trace.note({ _tag: "lost" })
    const isUndisturbed = ["none", "twice", "ask"].includes(move.disturbance._tag)
    if (others.length === 1 && first !== undefined) {
      const wanted = expected(first)
      compare({ move, finished: first, events, wanted, before, found, tokens, faults })
      if (tokens.length > 0 && !hasForgotten) Check.checkDone(events, found)
      if (tokens.length > 0 && !hasForgotten && isUndisturbed) Check.checkFinished(events, found)
      if (!isTwice) Check.checkFailed(events, found)
      // What the store did not take is in the progress of the run
      if (faults > survived && first.progress !== undefined) {
        Check.checkDone(events, conversationOf(world.turns, tokensOf(first.progress.history)))
      }
    }
    if (world.isStored) {
      Check.checkTold(trace.events)
      checkWords(trace.events, yield* user.log, tokens)
      checkSteered(events, world.latency, isUndisturbed)
    }
    if (world.isStored && !hasForgotten) Check.checkReleased(yield* user.log, leftBy)
    if (move.disturbance._tag === "ask") Check.checkAsked(events)
    if (first?.isDead === true || faults > 0) yield* free(stage, move)
    user.conversation = found
    return tags
  })

const checkAll = ({ conversation, log, spent, stage: { purse, trace: { events }, world } }: User) =>
  Effect.gen(function*() {
    Check.checkHandlers(events, conversation, world.isStored)
    Check.checkTimes(events, conversation)
    checkActive(events, world.isStored, (call) => conversation.callOf(call))
    Check.checkIds(events, world.isStored)
    Bill.checkPurse(events, world, Bill.paidOf(yield* Budget.spent(purse)))
    Bill.checkRecords(events, world)
    checkSpans(events, conversation)
    if (world.isStored) Bill.checkLog(events, Bill.paidOf(Conversations.usage(yield* log)), spent)
  })

const tell = (user: User) =>
  Effect.gen(function*() {
    const { faults, moves, turns } = user.stage.world
    for (const [index, move] of moves.entries()) yield* step(user, move, `run ${index + 1}`)
    // Each run that fails meets at least one fault of the store
    const failing = faults.reduce((sum, { times }) => sum + times, 0)
    for (let left = 2 * turns.length + 8 + failing; left > 0; left--) {
      const tags = yield* step(user, onward, `end ${left}`)
      if (Conversations.waiting(yield* user.log).length > 0) continue
      if (tags.includes("completed") || tags.includes("refused")) return yield* checkAll(user)
    }
    return assert.fail("the conversation does not come to an end")
  })

/** Runs a case; a difference from the reference is a defect. */
export const tellCase = (world: Case): Effect.Effect<void> =>
  Effect.suspend(() => {
    const trace = new Trace()
    return Effect.gen(function*() {
      const store = yield* Conversations.Conversation
      const purse = yield* Budget.make({})
      const speaker = new Speaker(trace, store)
      const stage: Stage = { world, trace, store, weather: new Weather(world.faults), purse, speaker }
      yield* tell(new User(stage))
    }).pipe(
      Effect.provide(Layer.mergeAll(
        Conversations.layerMemory,
        TestModel.layer(scriptOf(world, trace), {
          handlers: [embeddingsOf(trace)],
          client: { retry: false, idleTimeout: 200 }
        }),
        quiet
      )),
      Effect.withTracerEnabled(false),
      Effect.provide(TestContext.TestContext),
      Effect.orDie
    )
  })
