import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { type KernelError, openBody, openCall, type OpenedResponse, readJson } from "../http/kernel.js"
import type { OpenRouterClient } from "../http/OpenRouterClient.js"
import { ResponseValidationError } from "../http/OpenRouterError.js"
import { defaultIdleTimeout, type RequestOptions } from "../http/requestOptions.js"
import type { ResponseInfo } from "../http/responseInfo.js"
import type { Row } from "../http/row.js"
import { numberAt } from "../internal/json.js"
import type { Protocol } from "../response/protocol.js"
import { type OpenedEvents, openEvents } from "./internal/openEvents.js"

/** @internal */
export interface OpenedStream<Event, Result> extends OpenedEvents<Event, Result> {
  readonly response: ResponseInfo
}

/** The type of the events, and the protocol that adds them up. */
interface Kind<Event, Result> {
  readonly schema: Schema.Schema<Event>
  readonly protocol: Protocol<Event, Result>
}

/**
 * Requests a stream and waits for its first events. The stream ends when the scope closes. If this fails, the caller
 * closes the scope.
 *
 * @internal
 */
export const openStream = <Event, Result>(
  row: Row,
  kind: Kind<Event, Result>,
  params: unknown
): Effect.Effect<OpenedStream<Event, Result>, KernelError, OpenRouterClient | Scope.Scope> =>
  openCall(row, params, (opened) =>
    /application\/json|text\/html/i.test(opened.response.headers["content-type"] ?? "")
      ? openWhole(row, kind, opened)
      : openEvents(
        kind.protocol,
        {
          schema: kind.schema,
          name: row.name,
          documented: row.errors,
          idleTimeout: opened.options.idleTimeout ?? defaultIdleTimeout,
          eventTimeout: opened.options.eventTimeout ?? eventTimeoutOf(opened.options),
          count: numberAt(params, "n"),
          maxEventSize: opened.options.maxEventSize,
          generationId: opened.info.generationId,
          earlierCost: opened.info.cost,
          scrub: opened.scrub
        },
        openBody(opened),
        opened.connection.scope
      ))

const defaultEventTimeout = Duration.minutes(10)

/** A caller who allows for a longer idle time, or a longer call, allows for as long without an event. */
const eventTimeoutOf = ({ idleTimeout = 0, timeout = 0 }: RequestOptions): Duration.Duration =>
  Duration.max(defaultEventTimeout, Duration.max(Duration.decode(idleTimeout), Duration.decode(timeout)))

/** Reads a good status with a body that is no stream: most likely an error that the status does not show. */
const openWhole = <Event, Result>(
  row: Row,
  { protocol, schema }: Kind<Event, Result>,
  opened: OpenedResponse
): Effect.Effect<OpenedEvents<Event, Result>, KernelError> =>
  Effect.flatMap(readJson(row, schema)(opened), (event) => {
    if (protocol.isWhole?.(event) === true) {
      const accumulated = protocol.accumulator()
      accumulated.add(event)
      const events = [event]
      return Effect.succeed({ next: Effect.sync(() => events.splice(0)), accumulated, failure: () => undefined })
    }
    return Effect.fail(
      new ResponseValidationError({
        message: `${row.name}: the response is JSON, but a stream of events was requested. ` +
          "Check that the base URL is an OpenRouter API.",
        issues: [],
        generationId: opened.info.generationId
      })
    )
  })
