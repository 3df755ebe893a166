/** Messages that are said to a conversation while it runs. A run takes them up before it requests a turn. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { parallelScope } from "../../../internal/effect/scopes.js"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import type { Entry } from "../conversation/entry.js"
import type { Message } from "../conversation/inbox.js"
import type { RunError } from "../errors.js"
import type { AgentEvent } from "../events.js"
import { Blocked } from "../guardrails/blocked.js"
import { throughPrompt } from "./prompt.js"
import { emitEvent, type RunContext } from "./runContext.js"

/**
 * Takes up the messages that wait, each as input of the next turn. They are stored in the same append as its response.
 *
 * @internal
 */
export const takeMessages = (run: RunContext): Effect.Effect<void, RunError, unknown> =>
  Effect.gen(function*() {
    const { messages } = run
    for (const message of yield* refreshMessages(run)) {
      const { callId, id } = message
      const entryOf = (items: ReadonlyArray<InputItem>): Entry => ({
        _tag: "input",
        items,
        messages: [id],
        ...(messages.beginTask ? {} : { by: "run" })
      })
      const items = callId !== undefined ? message.items : yield* Effect.tapError(
        throughPrompt(run.prepared, message.items),
        // Otherwise it would block all later runs, too
        (error) => error instanceof Blocked ? run.store([entryOf([])]) : Effect.void
      )
      messages.take(message)
      run.state.add(items)
      run.input.put(entryOf(items), callId === undefined)
      yield* emitEvent(run, { type: "message.accepted", id, items })
    }
    messages.beginTask = false
  })

/**
 * The messages that wait, after a look at what others stored. Calls that they cancelled are interrupted.
 *
 * @internal
 */
export const refreshMessages = (
  { background, messages }: RunContext
): Effect.Effect<ReadonlyArray<Message>, RunError> =>
  Effect.tap(messages.refreshed, () =>
    Effect.sync(() => {
      for (const callId of messages.cancelled) background.cancel(callId)
    }))

/**
 * The events of the messages that a turn has seen.
 *
 * @internal
 */
export const delivered = (entries: ReadonlyArray<Entry>, turn: number): ReadonlyArray<AgentEvent> =>
  entries.flatMap((entry) => entry._tag === "input" ? entry.messages ?? [] : []).map((id) => ({
    type: "message.delivered",
    id,
    turn
  }))

/**
 * A request that an urgent message interrupted.
 *
 * @internal
 */
export class Steered {}

/**
 * Interrupts a request when an urgent message arrives.
 *
 * @internal
 */
export const unlessSteered = <A, R>(
  run: RunContext,
  request: Effect.Effect<A, RunError, R>
): Effect.Effect<A | Steered, RunError, R> =>
  run.messages.isStored
    ? Effect.acquireUseRelease(
      parallelScope,
      (scope) =>
        Effect.flatMap(
          Effect.forkIn(request, scope),
          (requested) => Effect.raceFirst(Fiber.join(requested), urgent(run))
        ),
      Scope.close
    )
    : request

const urgent = (run: RunContext): Effect.Effect<Steered, RunError> =>
  Effect.gen(function*() {
    for (;;) {
      yield* Effect.sleep("1 second")
      const waiting = yield* refreshMessages(run)
      if (waiting.some((message) => message.urgent)) return new Steered()
    }
  })
