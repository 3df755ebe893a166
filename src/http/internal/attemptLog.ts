/** Logs of the level Debug: one for each attempt of a call. They hold names, counts and costs, as the spans do. */
import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { stringAt } from "../../internal/json.js"
import { debugLog, outcomeOf } from "../../internal/logs.js"
import type { PartialResponse } from "../../response/partialResponse.js"
import type { Row } from "../row.js"
import type { KernelError, OpenedResponse } from "./openedResponse.js"

/**
 * The log of the attempts of one call. A call has none unless logs of the level Debug are written.
 *
 * @internal
 */
export class AttemptLog {
  private attempt = 0
  private startedAt = 0
  private opened: OpenedResponse | undefined = undefined
  private response: PartialResponse | undefined = undefined

  /** `ofRun` says which agent makes the call, and in which conversation. */
  constructor(
    private readonly row: Row,
    private readonly params: unknown,
    private readonly ofRun: Readonly<Record<string, string>>,
    private readonly clock: Clock.Clock
  ) {}

  begin(attempt: number): void {
    this.attempt = attempt
    this.startedAt = this.clock.unsafeCurrentTimeMillis()
    this.opened = undefined
    this.response = undefined
  }

  open(opened: OpenedResponse): void {
    this.opened = opened
  }

  /** A response that was read whole. */
  read(response: PartialResponse): void {
    this.response = response
  }

  /** Writes the log when an attempt has ended. A stream that has opened has not ended. */
  observe<A, R>(attempt: Effect.Effect<A, KernelError, R>): Effect.Effect<A, KernelError, R> {
    return Effect.onExit(attempt, (exit) => {
      if (Exit.isSuccess(exit)) return this.row.success === "sse" ? Effect.void : this.write("success", this.response)
      const failure = Option.getOrUndefined(Cause.failureOption(exit.cause))
      const partial = failure !== undefined && "partial" in failure ? failure.partial : undefined
      return this.write(outcomeOf(exit), partial, failure)
    })
  }

  /** Writes the log of a stream that has ended. */
  ended(response: PartialResponse, failure: string | undefined, isComplete: boolean): Effect.Effect<void> {
    return this.write(failure ?? (isComplete ? "success" : "interrupted"), response)
  }

  private write(
    outcome: string,
    response: PartialResponse | undefined = undefined,
    failure: KernelError | undefined = undefined
  ): Effect.Effect<void> {
    const ofFailure = (field: "status" | "generationId"): unknown =>
      failure === undefined ? undefined : Reflect.get(failure, field)
    const name = (text: string | undefined) => text === undefined ? undefined : this.opened?.scrubName(text) ?? text
    return debugLog("OpenRouter attempt", {
      operation: this.row.name,
      model: name(response?.model) ?? stringAt(this.params, "model"),
      attempt: this.attempt,
      outcome,
      status: ofFailure("status") ?? this.opened?.info.status,
      durationMs: Math.round(this.clock.unsafeCurrentTimeMillis() - this.startedAt),
      generationId: ofFailure("generationId") ?? this.opened?.info.generationId ?? name(response?.generationId),
      inputTokens: response?.inputTokens,
      outputTokens: response?.outputTokens,
      cost: response?.cost,
      agent: this.ofRun["gen_ai.agent.name"],
      conversation: this.ofRun["gen_ai.conversation.id"]
    })
  }
}
