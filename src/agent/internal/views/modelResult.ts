/**
 * A run that goes on while any number of readers look at it.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { objectAt } from "../../../internal/json.js"
import { guard } from "../../../schema/guard.js"
import type { OpenResponsesResult } from "../../../schema/Responses.js"
import * as AgentStream from "../../AgentStream.js"
import type { ItemSnapshot, NewMessage, ToolStreamEvent } from "../../AgentStream.js"
import type * as Tool from "../../Tool.js"
import * as Usage from "../../Usage.js"
import type { AgentEvent } from "../events.js"
import type { FunctionCall, Run } from "../run.js"
import { ParentRun } from "../state/spending.js"
import { Journal } from "./eventLog.js"
import { type Execute, launch } from "./streamRun.js"

/**
 * A run that has begun, and lasts at most as long as its scope: closing the scope interrupts the run, and with it the
 * request and the tools. Everything here can be used at the same time, early, late, after the end and the scope, and any
 * number of times; there is one run and one request for each turn, whoever reads.
 *
 * - Each stream begins with the first event of the run, and ends with the run or fails with its error, after all events.
 * - The run waits for no reader, and no reader misses anything: what happened is kept for as long as this value is.
 * - What is kept is in proportion to what was said, not to the number of events: when a turn is over, and in long turns
 *   already on the way, adjacent pieces of the same text become one piece for later readers. All other events stay as
 *   they came.
 * - A run that is interrupted interrupts its readers.
 *
 * Where there is one reader and its pace should be the pace of the run, `Agent.stream` is the better choice.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelResult<T extends Tool.Any = Tool.Any, out A = undefined, out E = never> {
  /** The run, when it is over. */
  readonly run: Effect.Effect<Run<A>, E>
  /** The text of the last turn, of all its messages. */
  readonly text: Effect.Effect<string, E>
  /** The last response. There is none where the run paused before its first turn: for an approval, say. */
  readonly response: Effect.Effect<OpenResponsesResult | undefined, E>
  /** The responses of all turns. */
  readonly responses: Effect.Effect<ReadonlyArray<OpenResponsesResult>, E>
  /** The decoded value, where one was asked for and the run is `completed`. */
  readonly value: Effect.Effect<A | undefined, E>
  /** What the whole run used up, when it is over; where it failed or was interrupted, what it had until then. */
  readonly usage: Effect.Effect<Usage.Usage>
  /** What the whole run cost in USD, like `usage`. */
  readonly cost: Effect.Effect<number>
  /** The text of all turns, in the pieces in which it arrives. */
  readonly textStream: Stream.Stream<string, E>
  /** The readable reasoning of all turns, in the pieces in which it arrives. */
  readonly reasoningStream: Stream.Stream<string, E>
  /** The calls of your tools, each once, when its turn is over and before it is carried out. */
  readonly toolCallsStream: Stream.Stream<FunctionCall, E>
  /** The arguments of calls as they are written, the progress of tools, and their results. */
  readonly toolStream: Stream.Stream<ToolStreamEvent<T>, E>
  /** Each item as it grows, and the outputs of tools: snapshots, of which the last under an `id` counts. */
  readonly itemsStream: Stream.Stream<ItemSnapshot, E>
  /** The messages, calls and outputs that the run adds, whole, each once and in their order. */
  readonly newMessagesStream: Stream.Stream<NewMessage, E>
  /** Every event. */
  readonly fullResponsesStream: Stream.Stream<AgentEvent<T, A>, E>
}

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
    return Effect.flatMap(ParentRun, (parent) => {
      const spend = (usage: Usage.Usage, unsettled?: ReadonlyArray<string>) => {
        this.spent = Usage.add(this.spent, usage)
        parent.spend(usage, unsettled)
      }
      return Effect.provideService(run, ParentRun, { ...parent, spend })
    })
  }
}
