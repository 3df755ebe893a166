import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { type KernelError, openBody, openCall } from "../http/kernel.js"
import type { OpenRouterClient } from "../http/OpenRouterClient.js"
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

/**
 * The type of the events, and the protocol that adds them up.
 *
 * @internal
 */
export interface Kind<Event, Result> {
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
    openEvents(
      kind.protocol,
      {
        schema: kind.schema,
        name: row.name,
        documented: row.errors,
        headers: opened.response.headers,
        count: numberAt(params, "n"),
        idleTimeout: opened.options.idleTimeout ?? defaultIdleTimeout,
        eventTimeout: opened.options.eventTimeout ?? eventTimeoutOf(opened.options),
        maxEventSize: opened.options.maxEventSize,
        generationId: opened.info.generationId,
        scrub: opened.scrub
      },
      openBody(opened),
      opened.connection.scope
    ))

const defaultEventTimeout = Duration.minutes(10)

/** A caller who allows for a longer idle time, or a longer call, allows for as long without an event. */
const eventTimeoutOf = ({ idleTimeout = 0, timeout = 0 }: RequestOptions): Duration.Duration =>
  Duration.max(defaultEventTimeout, Duration.max(Duration.decode(idleTimeout), Duration.decode(timeout)))
