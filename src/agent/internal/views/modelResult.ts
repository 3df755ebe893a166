/**
 * A run that any number of readers observe.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { type Payer, Payers } from "../../../http/spending.js"
import { objectAt } from "../../../internal/json.js"
import { guard } from "../../../schema/guard.js"
import type { OpenResponsesResult } from "../../../schema/Responses.js"
import * as AgentStream from "../../AgentStream.js"
import type {
  ItemSnapshot,
  NewMessage,
  PartialArguments,
  PartialOutput,
  ToolCallResult,
  ToolStreamEvent
} from "../../AgentStream.js"
import type * as Tool from "../../Tool.js"
import * as Usage from "../../Usage.js"
import { EventEchoes } from "../echoes.js"
import type { AgentEvent } from "../events.js"
import type { Options } from "../options.js"
import type { Run } from "../run.js"
import { EventLog } from "./eventLog.js"
import { allToolsOf, outputsOf } from "./outputs.js"
import { partialArgumentsOf, partialsOf } from "./partials.js"
import { type Execute, forkRun } from "./streamRun.js"

/**
 * A run that has started. It lasts at most as long as its scope: closing the scope interrupts the run, its request and its
 * tools. Use its fields at the same time, before or after the end of the run or of the scope, any number of times. There
 * is one run, and one request for each turn, for all readers.
 *
 * - Each stream starts with the first event of the run. It ends with the run, or fails with its error, after all events.
 * - The run waits for no reader, and no reader misses an event: all events are kept as long as this value.
 * - The kept memory grows with the length of the text, not with the number of events: at the end of a turn, and in long
 *   turns before, adjacent deltas of the same text are joined for later readers. All other events stay as they were.
 * - If the run is interrupted, its readers are interrupted.
 *
 * For a single reader whose pace the run should follow, use `Agent.stream`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelResult<
  T extends Tool.Any = Tool.Any,
  out A = undefined,
  out E = never,
  out Partial = [A] extends [undefined] ? never : unknown
> {
  /** The result of the run, at its end. */
  readonly run: Effect.Effect<Run<A>, E>
  /** The text of all messages of the last turn. */
  readonly text: Effect.Effect<string, E>
  /** The last response; undefined if the run paused before its first turn, for example for an approval. */
  readonly response: Effect.Effect<OpenResponsesResult | undefined, E>
  /** The responses of all turns. */
  readonly responses: Effect.Effect<ReadonlyArray<OpenResponsesResult>, E>
  /** The structured output, if the run has the option `output` and is `completed`. */
  readonly value: Effect.Effect<A | undefined, E>
  /** The usage of the whole run, at its end; if the run failed or was interrupted, its usage until then. */
  readonly usage: Effect.Effect<Usage.Usage>
  /** The cost of the whole run in USD, like `usage`. */
  readonly cost: Effect.Effect<number>
  /** The text deltas of all turns. */
  readonly textStream: Stream.Stream<string, E>
  /** The deltas of the readable reasoning of all turns. */
  readonly reasoningStream: Stream.Stream<string, E>
  /** The structured output while the model writes it. */
  readonly partialStream: Stream.Stream<PartialOutput<Partial>, E>
  /** The arguments of calls while the model writes them. */
  readonly partialArgumentsStream: Stream.Stream<PartialArguments<T>, E>
  /** The calls of your tools with their results, each once: when the call has ended, or at the end of the run if it waits. */
  readonly toolCallsStream: Stream.Stream<ToolCallResult<T>, E>
  /** The argument deltas of calls, the progress of tools, and their results. */
  readonly toolStream: Stream.Stream<ToolStreamEvent<T>, E>
  /** Snapshots of each item as it grows, and of the outputs of tools. The last snapshot of an `id` replaces earlier ones. */
  readonly itemsStream: Stream.Stream<ItemSnapshot, E>
  /** The complete messages, calls and outputs that the run adds, each once, in order. */
  readonly newMessagesStream: Stream.Stream<NewMessage, E>
  /** All events. */
  readonly fullResponsesStream: Stream.Stream<AgentEvent<T, A>, E>
}

/**
 * Starts a run whose events any number of readers receive.
 *
 * @internal
 */
export const makeModelResult = <T extends Tool.Any, A, E, R, Partial>(
  execute: Execute<A, E, R>,
  options: Options
): Effect.Effect<ModelResult<T, A, E, Partial>, never, R | Scope.Scope> =>
  Effect.suspend(() => {
    const log = new EventLog<AgentEvent<Tool.Any, A>, E>(isTurnOver)
    // The log keeps all events, and several events of each turn repeat its instructions and tools
    const echoes = new EventEchoes()
    const sink = {
      emit: (events: ReadonlyArray<AgentEvent<Tool.Any, A>>) => log.append(events.map((event) => echoes.shared(event))),
      end: (exit: Exit.Exit<unknown, E>) => log.end(exit)
    }
    const account = new Account()
    return Effect.map(forkRun((emit) => account.of(execute(emit)), sink), (fiber) => {
      const run = Effect.flatten(Fiber.await(fiber))
      const usage = Effect.map(Fiber.await(fiber), (exit) => spent(exit) ?? account.spent)
      // The schemas of the tools T decode the values in the events, so that the events have the types that T has
      const events = log.stream as Stream.Stream<AgentEvent<T, A>, E>
      return {
        run,
        text: Effect.map(run, (run) => run.text),
        response: Effect.map(run, (run) => run.response),
        responses: Effect.map(run, (run) => run.steps.map((step) => step.response)),
        value: Effect.map(run, (run) => run.value),
        usage,
        cost: Effect.map(usage, (usage) => usage.cost),
        textStream: AgentStream.textDeltas(log.stream),
        reasoningStream: AgentStream.reasoningDeltas(log.stream),
        partialStream: partialsOf(log.stream, outputsOf(options)),
        partialArgumentsStream: partialArgumentsOf(log.stream, allToolsOf(options)),
        toolCallsStream: AgentStream.toolCalls(events),
        toolStream: AgentStream.toolEvents(events),
        itemsStream: AgentStream.items(log.stream),
        newMessagesStream: AgentStream.newMessages(log.stream),
        fullResponsesStream: events
      }
    })
  })

const isTurnOver = (event: AgentEvent<Tool.Any, unknown>): boolean =>
  event.type === "turn.end" || event.type === "turn.retry"

const isUsage = guard(Usage.Usage)

/** The usage that the result or the error of a run reports. */
const spent = <E>(exit: Exit.Exit<{ readonly usage: Usage.Usage }, E>): Usage.Usage | undefined => {
  if (Exit.isSuccess(exit)) return exit.value.usage
  const reported = objectAt(objectAt(Option.getOrUndefined(Cause.failureOption(exit.cause)), "progress"), "usage")
  return isUsage(reported) ? reported : undefined
}

/** What a run spends, itself and in its tools. It is the usage of a run that is interrupted before its end. */
class Account {
  spent = Usage.none

  private readonly pay: Payer = ({ usage }) => {
    this.spent = Usage.add(this.spent, usage)
  }

  of<A, E, R>(run: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.flatMap(Payers, (payers) => Effect.provideService(run, Payers, new Set([...payers, this.pay])))
  }
}
