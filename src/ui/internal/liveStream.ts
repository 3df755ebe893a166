/** The chunks of a run that goes on, for any number of browsers. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { fromBatches } from "../../internal/effect/batches.js"
import type { Begun } from "../StreamLog.js"

/**
 * Keeps the chunks of a run, each one a text. Each reader has all of them, and the run waits for no reader.
 *
 * @internal
 */
export class LiveStream {
  /** How many browsers read. */
  readers = 0
  private readonly texts: Array<string> = []
  isEnded = false
  private waiting = new Set<() => void>()

  constructor(
    readonly begun: Begun,
    private readonly stopping: Deferred.Deferred<void>,
    private readonly ended: Deferred.Deferred<void>
  ) {}

  append(texts: ReadonlyArray<string>): void {
    for (const text of texts) this.texts.push(text)
    this.wake()
  }

  readonly end: Effect.Effect<void> = Effect.suspend(() => {
    this.isEnded = true
    this.wake()
    return Effect.asVoid(Deferred.succeed(this.ended, undefined))
  })

  /** Stops the run, and waits for its end. */
  readonly stop: Effect.Effect<void> = Effect.suspend(() =>
    Effect.zipRight(Deferred.succeed(this.stopping, undefined), Deferred.await(this.ended))
  )

  /** Whether somebody asked to stop the run. */
  readonly stopped: Effect.Effect<void> = Effect.suspend(() => Deferred.await(this.stopping))

  /** Whether browsers read the stream through another process. */
  isReadElsewhere = false

  /** Whether any browser reads the stream. */
  get isRead(): boolean {
    return this.readers > 0 || this.isReadElsewhere
  }

  /** All chunks from the first one on. */
  readonly chunks: Stream.Stream<string> = Stream.suspend(() => fromBatches(this.reader()))

  /** The chunks for a browser, which counts as a reader until it leaves. */
  readonly read: Stream.Stream<string> = Stream.suspend(() => {
    this.readers++
    return Stream.ensuring(this.chunks, Effect.sync(() => this.readers--))
  })

  private wake(): void {
    const waiting = this.waiting
    this.waiting = new Set()
    for (const wake of waiting) wake()
  }

  private reader(): Effect.Effect<ReadonlyArray<string>> {
    let position = 0
    const next: Effect.Effect<ReadonlyArray<string>> = Effect.async((resume) => {
      if (position < this.texts.length) {
        const texts = this.texts.slice(position)
        position = this.texts.length
        return resume(Effect.succeed(texts))
      }
      if (this.isEnded) return resume(Effect.succeed([]))
      const wake = () => resume(next)
      this.waiting.add(wake)
      return Effect.sync(() => {
        this.waiting.delete(wake)
      })
    })
    return next
  }
}

/** @internal */
export const makeLiveStream = (begun: Begun): Effect.Effect<LiveStream> =>
  Effect.zipWith(
    Deferred.make<void>(),
    Deferred.make<void>(),
    (stopping, ended) => new LiveStream(begun, stopping, ended)
  )
