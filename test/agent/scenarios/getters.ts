/** Every way to look at a run, each with what it gave and how it ended. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { ModelResult } from "../../../src/agent/internal/views/modelResult.js"
import type * as Tool from "../../../src/agent/Tool.js"

/** What a reader saw until its end. */
export interface Read<out E> {
  readonly seen: ReadonlyArray<unknown>
  readonly exit: Exit.Exit<unknown, E>
}

/** Reads a stream to its end, whatever the end is. */
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

/** All getters of a result that fail where its run fails. */
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

/** What a reader failed with. */
export const failureOf = <E>({ exit }: Read<E>): E | undefined =>
  Exit.isFailure(exit) ? Option.getOrUndefined(Cause.failureOption(exit.cause)) : undefined
