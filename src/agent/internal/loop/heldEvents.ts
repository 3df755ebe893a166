/** Holds the events of a response back until middleware has passed the response on. */
import * as Effect from "effect/Effect"
import { protocol } from "../../../response/responsesProtocol.js"
import type { OpenResponsesResult } from "../../../schema/Responses.js"
import type { AgentEvent } from "../events.js"
import type { Emit } from "./runContext.js"

/**
 * The events of the last request of an attempt at a turn.
 *
 * @internal
 */
export class HeldEvents {
  private events: Array<AgentEvent> = []
  private response: OpenResponsesResult | undefined = undefined

  constructor(private readonly emit: Emit) {}

  readonly hold: Emit = (events) => Effect.sync(() => void this.events.push(...events))

  /** Another request takes the place of the one before: what that one returned was not passed on. */
  within<E, R>(request: Effect.Effect<OpenResponsesResult, E, R>): Effect.Effect<OpenResponsesResult, E, R> {
    return Effect.suspend(() => {
      this.events = []
      return Effect.tap(request, (response) => Effect.sync(() => void (this.response = response)))
    })
  }

  /** Emits what was passed on: the events of the response, or those of the response that replaced it. */
  release(passed: OpenResponsesResult): Effect.Effect<void> {
    return Effect.suspend(() => this.emit(passed === this.response ? this.events : protocol.eventsOf?.(passed) ?? []))
  }
}
