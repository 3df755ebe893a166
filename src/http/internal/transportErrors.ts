/**
 * The errors that happen in this process, or on the network.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { PartialResponse } from "../../response/partialResponse.js"

/**
 * The connection could not be made, or broke before the response was complete. `phase` says how far the request came:
 *
 * - `connect`: nothing of it was sent. The host was not found, refused the connection, or has an invalid certificate.
 * - `response`: it was sent, or may have been, and no response came. It may have been charged.
 * - `body`: the response had begun. `partial` and `received` hold what had arrived.
 *
 * Only Node reports enough to prove the phase `connect`. In browsers, Workers, Deno and Bun, `fetch` gives no reason, so
 * the phase is `response` there.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConnectionError extends Schema.TaggedError<ConnectionError>()("ConnectionError", {
  message: Schema.String,
  phase: Schema.Literal("connect", "response", "body"),
  code: Schema.optional(Schema.String),
  received: Schema.optional(Schema.String),
  generationId: Schema.optional(Schema.String),
  partial: Schema.optional(PartialResponse)
}) {}

/**
 * The `timeout` of the client or of the call passed before the response was complete. This client measures it, unlike
 * that of `RequestTimeoutResponseError`. It also stands for the limits of Node's own `fetch`: then `timeout` is the time
 * that passed. A call that costs money may have been charged.
 *
 * `received` is what had arrived of the body: all of it if the call costs money, else an excerpt of 2,000 characters.
 * `partial` is what could be read of a paid response.
 *
 * @since 0.1.0
 * @category errors
 */
export class RequestTimeoutError extends Schema.TaggedError<RequestTimeoutError>()("RequestTimeoutError", {
  message: Schema.String,
  timeout: Schema.DurationFromMillis,
  received: Schema.optional(Schema.String),
  generationId: Schema.optional(Schema.String),
  partial: Schema.optional(PartialResponse)
}) {}

/**
 * The request was not sent because it cannot be right: a body that is not JSON, an empty path parameter.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidRequestError extends Schema.TaggedError<InvalidRequestError>()("InvalidRequestError", {
  message: Schema.String,
  parameter: Schema.optional(Schema.String)
}) {}

/**
 * The response does not have the shape that the endpoint documents. `issues` lists the problems with their paths, at
 * most 20. `received` is the body: all of it if the call costs money, else an excerpt of 2,000 characters. `partial` is
 * what could be read of a paid response, so that it is not lost.
 *
 * @since 0.1.0
 * @category errors
 */
export class ResponseValidationError extends Schema.TaggedError<ResponseValidationError>()("ResponseValidationError", {
  message: Schema.String,
  issues: Schema.Array(Schema.Struct({ path: Schema.String, message: Schema.String })),
  received: Schema.optional(Schema.String),
  generationId: Schema.optional(Schema.String),
  partial: Schema.optional(PartialResponse)
}) {}

/**
 * A stream ended before its response was complete; `partial` is what had arrived. If `partial.itemsComplete` is `true`,
 * only the final event of a response is missing, and the items in `partial.result` can be used.
 *
 * @since 0.1.0
 * @category errors
 */
export class StreamTruncatedError extends Schema.TaggedError<StreamTruncatedError>()("StreamTruncatedError", {
  message: Schema.String,
  generationId: Schema.optional(Schema.String),
  partial: Schema.optional(PartialResponse)
}) {}

/**
 * A stream sent nothing, not even a keep-alive comment, for `idleTimeout`, or no event for the `eventTimeout` of the
 * call; the field `idleTimeout` has the limit that passed; `partial` is what had arrived.
 *
 * @since 0.1.0
 * @category errors
 */
export class StreamStalledError extends Schema.TaggedError<StreamStalledError>()("StreamStalledError", {
  message: Schema.String,
  idleTimeout: Schema.DurationFromMillis,
  generationId: Schema.optional(Schema.String),
  partial: Schema.optional(PartialResponse)
}) {}

/**
 * One server-sent event was larger than `maxEventSize` bytes, so the stream was closed; `partial` is what had arrived.
 *
 * @since 0.1.0
 * @category errors
 */
export class StreamEventTooLargeError extends Schema.TaggedError<StreamEventTooLargeError>()(
  "StreamEventTooLargeError",
  {
    message: Schema.String,
    maxEventSize: Schema.Number,
    generationId: Schema.optional(Schema.String),
    partial: Schema.optional(PartialResponse)
  }
) {}
