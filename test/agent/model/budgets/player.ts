/** Plays a case: starts its runs, responds to their requests, and reports all of it to the rules. */
import { assert } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as TestContext from "effect/TestContext"
import * as Agent from "../../../../src/agent/Agent.js"
import * as Budget from "../../../../src/agent/Budget.js"
import * as Middleware from "../../../../src/agent/Middleware.js"
import * as StopWhen from "../../../../src/agent/StopWhen.js"
import * as Tool from "../../../../src/agent/Tool.js"
import * as Toolkit from "../../../../src/agent/Toolkit.js"
import { totalCost, type Usage } from "../../../../src/agent/Usage.js"
import type { OpenRouterClient } from "../../../../src/http/OpenRouterClient.js"
import * as Chat from "../../../../src/services/Chat.js"
import type { RecordedRequest } from "../../../../src/testing/internal/recording.js"
import * as Script from "../../../../src/testing/Script.js"
import * as TestModel from "../../../../src/testing/TestModel.js"
import { quiet } from "../../../support/effect/logs.js"
import { elapse } from "../clock.js"
import { type Party, pathOf, type Price, tokensOfResponse, type Work, type Worker, worksOf } from "./party.js"
import { Limit, Rules } from "./rules.js"

const tools = Toolkit.make(Tool.make("work", { parameters: Schema.Struct({ path: Schema.String }) }))

/** What happens at a request that must not be there. */
const nothing: Price = { cost: 0, bill: "missing" }

const responded = ({ bill, cost }: Price, parts: ReadonlyArray<Script.Part>): Script.ModelResponse =>
  Script.turn(parts, {
    cost,
    usage: bill === "missing"
      ? null
      : { inputTokens: tokensOfResponse - 3, outputTokens: 3, byok: bill === "own key" }
  })

const conditionsOf = ({ maxCost, maxTokens }: Worker): ReadonlyArray<StopWhen.StopCondition> => [
  ...maxCost === undefined ? [] : [StopWhen.maxCost(maxCost)],
  ...maxTokens === undefined ? [] : [StopWhen.maxTokensUsed(maxTokens)]
]

const limitsOf = ({ maxCost, maxTokens }: Worker): ReadonlyArray<Limit> => [
  ...maxCost === undefined ? [] : [new Limit(`maxCost(${maxCost})`, maxCost, undefined)],
  ...maxTokens === undefined ? [] : [new Limit(`maxTokensUsed(${maxTokens})`, undefined, maxTokens)]
]

class Player {
  private readonly works: ReadonlyMap<string, Work>
  /** What was not right. A handler or a middleware that threw it would hide it in an output or an error. */
  readonly problems: Array<unknown> = []

  constructor(readonly party: Party, readonly rules: Rules, readonly budget: Budget.Budget) {
    this.works = worksOf(party)
  }

  /** Tells the rules something. */
  private tell(what: (rules: Rules) => void): Effect.Effect<void> {
    return Effect.sync(() => {
      try {
        what(this.rules)
      } catch (problem) {
        this.problems.push(problem)
      }
    })
  }

  /** The turn of a run, by the number of its request. */
  private turnOf(path: string, turn: number, isFinal: boolean) {
    const { final, fails, turns } = this.workerOf(path)
    if (isFinal) return { price: final ?? nothing, millis: 10, calls: [], isRefused: false }
    const found = turns[turn - 1] ?? assert.fail(`${path} sends request ${turn}`)
    return { ...found, isRefused: fails && turn === turns.length }
  }

  private workerOf(path: string): Worker {
    const work = this.works.get(path)
    return work?._tag === "agent" ? work.worker : assert.fail(`no run ${path}`)
  }

  /** The response to a run or to a chat, which the request names as its model. */
  readonly respond = (request: RecordedRequest): Script.TurnInput => {
    const [path = "", turn] = (request.model ?? "").split("#")
    if (turn === undefined) {
      const work = this.works.get(path)
      if (work?._tag !== "chat") return assert.fail(`no chat ${path}`)
      return Script.delayed(responded(work.price, [Script.text("Hi")]), work.millis)
    }
    const isFinal = request.json["tool_choice"] === "none"
    const { calls, isRefused, millis, price } = this.turnOf(path, Number(turn), isFinal)
    if (isRefused) return Script.delayed(Script.error(402), millis)
    const parts = calls.map((_, index) => {
      const name = pathOf(path, Number(turn), index)
      return Script.toolCall("work", { path: name }, { id: `call-${turn}-${index}` })
    })
    return Script.delayed(responded(price, parts.length === 0 ? [Script.text("Done")] : parts), millis)
  }

  /** Tells the rules of each request of a run. */
  private observer(path: string) {
    return Middleware.make({
      model: (request, next, { turn }) => {
        const isFinal = request.tool_choice === "none"
        const { calls, price } = this.turnOf(path, turn, isFinal)
        const responded = Effect.onExit(
          next(request),
          (exit) =>
            this.tell((rules) =>
              Exit.isSuccess(exit) ? rules.receive(path, price, isFinal, calls.length) : rules.abandon(path)
            )
        )
        return Effect.zipRight(this.tell((rules) => rules.send(path, isFinal)), responded)
      }
    })
  }

  /** A run from its beginning to its end, whatever that is. `outer` is the run that has it in a tool. */
  run(path: string, outer?: string): Effect.Effect<void, never, OpenRouterClient> {
    const worker = this.workerOf(path)
    const { begins, final, holds, interrupted } = worker
    const agent = Agent.run({
      model: ({ turn }) => `${path}#${turn}`,
      input: "Work",
      tools,
      toolConcurrency: Infinity,
      stopWhen: conditionsOf(worker),
      allowFinalResponse: final === undefined ? false : "",
      budget: holds ? this.budget : undefined,
      middleware: this.observer(path)
    }).pipe(Effect.provide(tools.toLayer({ work: ({ path: call }) => this.work(path, call) })))
    const observed = Effect.zipRight(
      this.tell((rules) => rules.begin(path, outer, limitsOf(worker), holds)),
      Effect.onExit(agent, (exit) => this.tell((rules) => this.end(rules, path, exit)))
    )
    const timed = Effect.timeoutOption(observed, interrupted ?? Infinity)
    return Effect.ignore(Effect.delay(timed, begins))
  }

  private work(caller: string, path: string): Effect.Effect<void, never, OpenRouterClient> {
    const work = this.works.get(path) ?? assert.fail(`no work ${path}`)
    const done = work._tag === "agent"
      ? this.run(path, caller)
      : Effect.zipRight(
        Effect.orDie(Chat.send({ model: path, messages: [{ role: "user", content: "Hi" }] })),
        this.tell((rules) => rules.spend(caller, work.price))
      )
    return Effect.ensuring(done, this.tell((rules) => rules.endCall(caller)))
  }

  private end(
    rules: Rules,
    path: string,
    exit: Exit.Exit<Agent.Run, { readonly _tag: string; readonly progress: Agent.Progress }>
  ): void {
    if (Exit.isSuccess(exit)) {
      const { outcome, usage } = exit.value
      assert.include(["completed", "stopped"], outcome._tag, `the end of ${path}`)
      if (outcome._tag === "completed") {
        assert.strictEqual(rules.turnsOf(path), this.workerOf(path).turns.length, `the turns of ${path}`)
      }
      return rules.end(path, outcome._tag === "stopped" ? outcome.condition : undefined, sumOf(usage))
    }
    const failure = Option.getOrUndefined(Cause.failureOption(exit.cause))
    if (failure === undefined) {
      assert.isTrue(Cause.isInterruptedOnly(exit.cause), `${path} died: ${Cause.pretty(exit.cause)}`)
      return rules.interrupt(path)
    }
    assert.strictEqual(failure._tag, "PaymentRequiredResponseError", `the end of ${path}`)
    assert.isTrue(this.workerOf(path).fails, `${path} fails`)
    return rules.end(path, undefined, sumOf(failure.progress.usage))
  }
}

const sumOf = (usage: Usage) => ({ usd: totalCost(usage), tokens: usage.totalTokens })

/** Plays a case; a difference from the rules is a defect. */
export const playParty = (party: Party): Effect.Effect<void> =>
  Effect.gen(function*() {
    const budget = yield* Budget.make({ usd: party.usd, tokens: party.tokens })
    const rules = new Rules(new Limit(budget.name, party.usd, party.tokens))
    const player = new Player(party, rules, budget)
    yield* Effect.gen(function*() {
      const runs = yield* Effect.forEach(party.workers, (_, index) => Effect.forkDaemon(player.run(`run ${index}`)))
      yield* elapse(runs, () => rules.rest())
      for (const problem of player.problems) throw problem
      for (const run of runs) yield* Effect.flatten(Fiber.await(run))
      assert.strictEqual((yield* TestModel.responses).open, 0, "a response is still open")
    }).pipe(Effect.provide(TestModel.layer([Script.forever(player.respond)], { client: { retry: false } })))
    assert.deepStrictEqual(sumOf(yield* Budget.spent(budget)), rules.shared.spent, "what was spent of the budget")
    rules.checkBounds()
  }).pipe(
    Effect.provide(quiet),
    Effect.withTracerEnabled(false),
    Effect.provide(TestContext.TestContext)
  )
