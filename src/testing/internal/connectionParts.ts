/**
 * The parts of a scripted response that are not content: waits, comments, failures, an early end. Public through
 * `Script`.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"

/**
 * An action of the connection at this point of the response.
 *
 * @since 0.1.0
 * @category models
 */
export type ConnectionPart = Wait | Comment | Event | Raw | Fail | Truncate | Stall | Reset

/**
 * A wait for a duration or for an effect.
 *
 * @since 0.1.0
 * @category models
 */
export interface Wait {
  readonly _tag: "Wait"
  readonly until: Duration.Duration | Effect.Effect<unknown>
}

/**
 * A keep-alive comment.
 *
 * @since 0.1.0
 * @category models
 */
export interface Comment {
  readonly _tag: "Comment"
  readonly text: string
}

/**
 * A JSON event that the script gives verbatim.
 *
 * @since 0.1.0
 * @category models
 */
export interface Event {
  readonly _tag: "Event"
  readonly payload: unknown
}

/**
 * Bytes of a stream that the script gives verbatim.
 *
 * @since 0.1.0
 * @category models
 */
export interface Raw {
  readonly _tag: "Raw"
  readonly text: string
}

/**
 * The forms of an error in a chat completion whose status is 200: `finish` (an error chunk with
 * `finish_reason: "error"`), `bare` (no id, no choices, no `[DONE]`), `done` (empty choices, then `[DONE]`),
 * `beside-finish` (next to an ordinary finish reason), `on-usage` (on the usage chunk, after an ordinary finish).
 *
 * @since 0.1.0
 * @category models
 */
export type ChatFailureForm = "finish" | "bare" | "done" | "beside-finish" | "on-usage"

/**
 * The forms of an error in a response of the Responses API whose status is 200: `failed` (`response.failed`), `nested`
 * and `flat` (the two forms of the `error` event), `response-error` (`response.error`).
 *
 * @since 0.1.0
 * @category models
 */
export type ResponsesFailureForm = "failed" | "nested" | "flat" | "response-error"

/**
 * The forms of an error after a status of 200. A script fails when the API of a request does not have the form.
 *
 * @since 0.1.0
 * @category models
 */
export type FailureForm = ChatFailureForm | ResponsesFailureForm

/**
 * The details of an error.
 *
 * @since 0.1.0
 * @category models
 */
export interface ErrorDetails {
  readonly message?: string | undefined
  /** The status by default. */
  readonly code?: string | number | undefined
  readonly errorType?: string | undefined
  readonly provider?: string | null | undefined
  /** The error of the provider, verbatim. */
  readonly raw?: unknown
  readonly availability?: { readonly [field: string]: unknown } | undefined
  readonly metadata?: { readonly [field: string]: unknown } | undefined
}

/**
 * The response fails here, after a status of 200.
 *
 * @since 0.1.0
 * @category models
 */
export interface Fail extends ErrorDetails {
  readonly _tag: "Fail"
  readonly status: number
  readonly as: FailureForm | undefined
}

/**
 * The response ends here without its last events.
 *
 * @since 0.1.0
 * @category models
 */
export interface Truncate {
  readonly _tag: "Truncate"
}

/**
 * Nothing more comes, and the connection stays open.
 *
 * @since 0.1.0
 * @category models
 */
export interface Stall {
  readonly _tag: "Stall"
}

/**
 * The connection breaks here.
 *
 * @since 0.1.0
 * @category models
 */
export interface Reset {
  readonly _tag: "Reset"
}

/**
 * Waits before the response continues, by the Clock, so that `TestClock` controls it.
 *
 * @since 0.1.0
 * @category flow
 */
export const wait = (duration: Duration.DurationInput): Wait => ({ _tag: "Wait", until: Duration.decode(duration) })

/**
 * Waits for an effect before the response continues, such as a latch that the test opens.
 *
 * @since 0.1.0
 * @category flow
 */
export const waitFor = (effect: Effect.Effect<unknown>): Wait => ({ _tag: "Wait", until: effect })

/**
 * A keep-alive: a comment in a stream, blanks before a JSON body.
 *
 * @since 0.1.0
 * @category flow
 */
export const comment = (text: string = "OPENROUTER PROCESSING"): Comment => ({ _tag: "Comment", text })

/**
 * A JSON event of your own in the stream, such as one with an unknown type. Responses without a stream omit it.
 *
 * @since 0.1.0
 * @category flow
 */
export const event = (payload: unknown): Event => ({ _tag: "Event", payload })

/**
 * Bytes of your own in the stream: a BOM, a line that is not JSON. Responses without a stream omit it.
 *
 * @since 0.1.0
 * @category flow
 */
export const raw = (text: string): Raw => ({ _tag: "Raw", text })

/**
 * The response fails here, after a status of 200: in the middle of a stream, or as the error inside a JSON body.
 *
 * @since 0.1.0
 * @category flow
 * @example
 * ```ts
 * import { Script } from "effect-openrouter/testing"
 *
 * Script.turn(["Once upon", Script.fail(502, { message: "Provider went away" })])
 * ```
 */
export const fail = (
  status: number,
  options: ErrorDetails & { readonly as?: FailureForm | undefined } = {}
): Fail => ({ ...options, _tag: "Fail", status, as: options.as })

/**
 * The response ends here without its last events, or in the middle of its JSON.
 *
 * @since 0.1.0
 * @category flow
 */
export const truncate: Truncate = { _tag: "Truncate" }

/**
 * Nothing more comes and the connection stays open, until the client gives up.
 *
 * @since 0.1.0
 * @category flow
 */
export const stall: Stall = { _tag: "Stall" }

/**
 * The connection breaks here.
 *
 * @since 0.1.0
 * @category flow
 */
export const reset: Reset = { _tag: "Reset" }
