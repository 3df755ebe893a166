/** Every getter of a run, with its elements and its exit. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { ModelResult } from "../../../src/agent/internal/views/modelResult.js"
import type * as Tool from "../../../src/agent/Tool.js"

/** The elements that a reader received, and its exit. */
export interface Read<out E> {
  readonly seen: ReadonlyArray<unknown>
  readonly exit: Exit.Exit<unknown, E>
}

/** Reads a stream to its end, also if it fails. */
export const read = <A, E, R>(stream: Stream.Stream<A, E, R>): Effect.Effect<Read<E>, never, R> =>
  Effect.suspend(() => {
    const seen: Array<unknown> = []
    return Effect.map(
      Effect.exit(Stream.runForEach(stream, (value) => Effect.sync(() => seen.push(value)))),
      (exit) => ({ seen, exit })
    )
  })

const ask = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<Read<E>> =>
  Effect.map(Effect.exit(effect), (exit) => ({ seen: Exit.isSuccess(exit) ? [exit.value] : [], exit }))

/** All getters of a result that fail if its run fails. */
export const getters = <T extends Tool.Any, A, E>(result: ModelResult<T, A, E>) => ({
  run: ask(result.run),
  text: ask(result.text),
  response: ask(result.response),
  responses: ask(result.responses),
  value: ask(result.value),
  textStream: read(result.textStream),
  reasoningStream: read(result.reasoningStream),
  toolCallsStream: read(result.toolCallsStream),
  toolStream: read(result.toolStream),
  itemsStream: read(result.itemsStream),
  newMessagesStream: read(result.newMessagesStream),
  fullResponsesStream: read(result.fullResponsesStream)
})

/** The failure of a reader. */
export const failureOf = <E>({ exit }: Read<E>): E | undefined =>
  Exit.isFailure(exit) ? Option.getOrUndefined(Cause.failureOption(exit.cause)) : undefined
