import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import {
  execute,
  failed,
  type KernelError,
  noting,
  openBody,
  type Opened,
  readJson,
  spanName,
  spanOptions
} from "../http/kernel.js"
import type { OpenRouterClient } from "../http/OpenRouterClient.js"
import { ResponseValidationError } from "../http/OpenRouterError.js"
import type { RequestOptions } from "../http/requestOptions.js"
import type { ResponseInfo } from "../http/responseInfo.js"
import type { Row } from "../http/row.js"
import type { Protocol } from "../response/protocol.js"
import { type OpenedEvents, openEvents } from "./internal/openEvents.js"

/** @internal */
export interface OpenedCall<Event, Result> extends OpenedEvents<Event, Result> {
  readonly response: ResponseInfo
}

/**
 * Asks for a stream and waits for its first events. All of it is given up when the scope closes, which is for whoever
 * gave it to do where this fails.
 *
 * @internal
 */
export const openCall = <Event, Result>(
  row: Row,
  kind: Kind<Event, Result>,
  params: unknown
): Effect.Effect<OpenedCall<Event, Result>, KernelError, OpenRouterClient | Scope.Scope> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const clock = yield* Clock.clockWith(Effect.succeed)
    const started = clock.unsafeCurrentTimeNanos()
    const span = yield* Effect.makeSpanScoped(spanName(row, params), spanOptions(row, params))
    const read = (opened: Opened) =>
      Effect.map(openResponse(row, kind, opened), (events) => ({ ...events, info: opened.info }))
    const call = { row, params, span }
    const { answer, failure, info, next } = yield* Effect.tapError(
      execute(call, read, { scope }),
      (error) => failed(call, error, started)
    )
    const note = yield* noting(call)
    const firstOutput = clock.unsafeCurrentTimeNanos()
    const ended = () => note({ answer: answer.partial(), started, firstOutput, failure: failure()?._tag })
    if (row.operation !== undefined) yield* Scope.addFinalizer(scope, Effect.sync(ended))
    const generationId = info.generationId ?? answer.partial().generationId
    return { next, answer, failure, response: generationId === undefined ? info : { ...info, generationId } }
  })

/** What the events are, and what they add up to. */
interface Kind<Event, Result> {
  readonly schema: Schema.Schema<Event>
  readonly protocol: Protocol<Event, Result>
}

const defaultIdleTimeout = Duration.minutes(2)
const defaultEventTimeout = Duration.minutes(10)

/** Whoever allows for a longer silence, or a longer call, allows for as long without an event. */
const eventTimeoutOf = ({ idleTimeout = 0, timeout = 0 }: RequestOptions): Duration.Duration =>
  Duration.max(defaultEventTimeout, Duration.max(idleTimeout, timeout))

const openResponse = <Event, Result>(
  row: Row,
  { protocol, schema }: Kind<Event, Result>,
  opened: Opened
): Effect.Effect<OpenedEvents<Event, Result>, KernelError> =>
  /application\/json|text\/html/i.test(opened.response.headers["content-type"] ?? "")
    ? notAStream(row, { protocol, schema }, opened)
    : openEvents(
      protocol,
      {
        schema,
        name: row.name,
        documented: row.errors,
        idleTimeout: opened.options.idleTimeout ?? defaultIdleTimeout,
        eventTimeout: opened.options.eventTimeout ?? eventTimeoutOf(opened.options),
        maxEventSize: opened.options.maxEventSize,
        generationId: opened.info.generationId,
        scrub: opened.scrub
      },
      openBody(opened),
      opened.connection.scope
    )

/** A good status with another body: most likely an error that was not told by the status. */
const notAStream = <Event, Result>(
  row: Row,
  { protocol, schema }: Kind<Event, Result>,
  opened: Opened
): Effect.Effect<OpenedEvents<Event, Result>, KernelError> =>
  Effect.flatMap(readJson(row, schema)(opened), (event) => {
    if (protocol.isWhole?.(event) === true) {
      const answer = protocol.accumulator()
      answer.add(event)
      const events = [event]
      return Effect.succeed({ next: Effect.sync(() => events.splice(0)), answer, failure: () => undefined })
    }
    return Effect.fail(
      new ResponseValidationError({
        message: `${row.name}: the answer is JSON where a stream of events was asked for. ` +
          "Check that the base URL is an OpenRouter API.",
        issues: [],
        generationId: opened.info.generationId
      })
    )
  })
