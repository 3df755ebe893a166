/**
 * The seam between the kernel and the streams. The kernel makes a call: its span, its attempts, its telemetry. The
 * stream gives it one function, which opens the body of a good response as events.
 */
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { currentClock } from "../internal/effect/fibers.js"
import type { PartialResponse } from "../response/partialResponse.js"
import { execute } from "./internal/execute.js"
import type { KernelError, OpenedResponse } from "./internal/openedResponse.js"
import { makeRecorder, recordFailure, scopedCall } from "./internal/telemetry.js"
import type { OpenRouterClient } from "./OpenRouterClient.js"
import type { ResponseInfo } from "./responseInfo.js"
import type { Row } from "./row.js"

export { openBody, type ReadBody } from "./internal/body.js"
export { callable } from "./internal/callable.js"
export { innermostMessage } from "./internal/errorMessage.js"
export type { KernelError, OpenedResponse } from "./internal/openedResponse.js"
export { readJson, unknownShape } from "./internal/readBody.js"
export { toResponseError } from "./internal/readError.js"
export { scrubValue } from "./internal/scrub.js"

/**
 * A body that is still read after the call has returned, as the telemetry sees it.
 *
 * @internal
 */
export interface OpenedBody {
  readonly accumulated: { readonly partial: () => PartialResponse }
  /** The error that the body failed with, once it did. */
  readonly failure: () => { readonly _tag: string } | undefined
  readonly isComplete: () => boolean
}

/**
 * Sends a request and opens its body with `open`. An `open` that fails may be retried, so it waits for the first
 * events. The connection closes with the scope, and the call is recorded then. If this fails, the caller closes the
 * scope.
 *
 * @internal
 */
export const openCall = <A extends OpenedBody>(
  row: Row,
  params: unknown,
  open: (opened: OpenedResponse) => Effect.Effect<A, KernelError>
): Effect.Effect<A & { readonly response: ResponseInfo }, KernelError, OpenRouterClient | Scope.Scope> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const clock = yield* currentClock
    const started = clock.unsafeCurrentTimeNanos()
    const call = yield* scopedCall(row, params)
    const read = (opened: OpenedResponse) => Effect.map(open(opened), (body) => ({ body, opened }))
    const { body, opened: { info, scrubName } } = yield* Effect.tapError(
      execute(call, read, { scope }),
      (error) => recordFailure(call, error, started)
    )
    const record = yield* makeRecorder(call)
    const firstOutput = clock.unsafeCurrentTimeNanos()
    if (row.operation !== undefined) {
      yield* Scope.addFinalizer(
        scope,
        Effect.sync(() => {
          const response = body.accumulated.partial()
          const failure = body.failure()?._tag
          // Its reader was interrupted, or left
          if (failure === undefined && !body.isComplete()) call.span.attribute("openrouter.response.complete", false)
          record({ response, started, scrubName, firstOutput, failure })
          call.bill.failed({ partial: response, generationId: info.generationId, scrubName })
        })
      )
    }
    const { log } = call
    if (log !== undefined) {
      yield* Scope.addFinalizer(
        scope,
        Effect.suspend(() => log.ended(body.accumulated.partial(), body.failure()?._tag, body.isComplete()))
      )
    }
    const generationId = info.generationId ?? body.accumulated.partial().generationId
    return { ...body, response: generationId === undefined ? info : { ...info, generationId } }
  })
