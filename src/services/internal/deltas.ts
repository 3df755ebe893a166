import * as Chunk from "effect/Chunk"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

/**
 * The non-empty pieces of text that events add, one network read at a time.
 *
 * @internal
 */
export const deltas =
  <Event>(of: (event: Event) => string) => <E, R>(self: Stream.Stream<Event, E, R>): Stream.Stream<string, E, R> =>
    Stream.mapChunks(self, (events) =>
      Chunk.filterMap(events, (event) => {
        const piece = of(event)
        return piece === "" ? Option.none() : Option.some(piece)
      }))
