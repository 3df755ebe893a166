import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { objectAt } from "../../http/internal/json.js"
import { guard } from "../../schema/guard.js"
import type { AgentEvent } from "../AgentEvent.js"
import * as AgentStream from "../AgentStream.js"
import type { ModelResult } from "../ModelResult.js"
import type * as Tool from "../Tool.js"
import * as Usage from "../Usage.js"
import { Journal } from "./journal.js"
import { type Execute, launch } from "./launch.js"
import { Ledger } from "./ledger.js"

/**
 * Starts a run whose events any number of readers can read.
 *
 * @internal
 */
export const makeModelResult = <T extends Tool.Any, A, E, R>(
  execute: Execute<A, E, R>
): Effect.Effect<ModelResult<T, A, E>, never, R | Scope.Scope> =>
  Effect.suspend(() => {
    const journal = new Journal<AgentEvent<Tool.Any, A>, E>(isTurnOver)
    const sink = {
      emit: (events: ReadonlyArray<AgentEvent<Tool.Any, A>>) => journal.append(events),
      end: (exit: Exit.Exit<unknown, E>) => journal.end(exit)
    }
    const account = new Account()
    return Effect.map(launch((emit) => account.of(execute(emit)), sink), (fiber) => {
      const run = Effect.flatten(fiber.await)
      const usage = Effect.map(fiber.await, (exit) => spent(exit) ?? account.spent)
      // The tools of T cause no other events than T says: their values are decoded by its schemas
      const events = journal.stream as Stream.Stream<AgentEvent<T, A>, E>
      return {
        run,
        text: Effect.map(run, (run) => run.text),
        response: Effect.map(run, (run) => run.response),
        responses: Effect.map(run, (run) => run.steps.map((step) => step.response)),
        value: Effect.map(run, (run) => run.value),
        usage,
        cost: Effect.map(usage, (usage) => usage.cost),
        textStream: AgentStream.textDeltas(journal.stream),
        reasoningStream: AgentStream.reasoningDeltas(journal.stream),
        toolCallsStream: AgentStream.toolCalls(journal.stream),
        toolStream: AgentStream.toolEvents(events),
        itemsStream: AgentStream.items(journal.stream),
        newMessagesStream: AgentStream.newMessages(journal.stream),
        fullResponsesStream: events
      }
    })
  })

const isTurnOver = (event: AgentEvent<Tool.Any, unknown>): boolean =>
  event.type === "turn.end" || event.type === "turn.retry"

const isUsage = guard(Usage.Usage)

/** What a run used up by its own account. */
const spent = <E>(exit: Exit.Exit<{ readonly usage: Usage.Usage }, E>): Usage.Usage | undefined => {
  if (Exit.isSuccess(exit)) return exit.value.usage
  const told = objectAt(objectAt(Option.getOrUndefined(Cause.failureOption(exit.cause)), "progress"), "usage")
  return isUsage(told) ? told : undefined
}

/** What a run spends as it goes on, itself and in its tools: all there is where it does not come to an end. */
class Account {
  spent = Usage.none

  of<A, E, R>(run: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.flatMap(Ledger, (around) => {
      const spend = (usage: Usage.Usage, unsettled?: ReadonlyArray<string>) => {
        this.spent = Usage.add(this.spent, usage)
        around.spend(usage, unsettled)
      }
      return Effect.provideService(run, Ledger, { ...around, spend })
    })
  }
}
