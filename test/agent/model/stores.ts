/** The store of a case as its runs see it: slow, with faults, observed. */
import * as Effect from "effect/Effect"
import * as Conversation from "../../../src/agent/Conversation.js"
import type { Process } from "./trace.js"
import type { Case, Fault } from "./world.js"

/** Counts the operations of a case, and decides which of them fail. */
export class Weather {
  private operations = 0
  private series = 0
  private longest = 0
  private hung = 0
  /** Whether an append is tried again. A conflict and the load after it are a part of that. */
  private isAppending = false
  /** Whether operations fail now. */
  isOn = true

  constructor(private readonly faults: ReadonlyArray<Fault>) {}

  next(): Fault["how"] | undefined {
    const number = ++this.operations
    const how = this.isOn ? this.faults.find(({ at, times }) => at <= number && number < at + times)?.how : undefined
    if (how !== undefined) this.series++
    this.longest = Math.max(this.longest, this.series)
    if (how?.startsWith("hangs") === true) this.hung++
    return how
  }

  /** An operation was carried out. It ends a series of failures, unless it only tells the append that it has a conflict. */
  passed(operation: "load" | "append", isConflict = false): void {
    if (operation === "append") this.isAppending = isConflict
    if (!this.isAppending) this.series = 0
  }

  /**
   * How bad it was since the last call: failures in a row, at most. An operation without a response takes as much of the
   * patience of a run as a whole series, and two of them may belong to one append, with a conflict between them.
   */
  worst(): number {
    const worst = Math.max(this.longest, this.hung * survived)
    this.longest = 0
    this.series = 0
    this.hung = 0
    this.isAppending = false
    return worst
  }
}

/** How many failures of the store in a row a run survives. */
export const survived = 4

const failed = new Conversation.ConversationStoreError({
  id: "c",
  message: "the network is down",
  reason: "ECONNRESET"
})

/** The store of a process. A process that is dead reaches no store. */
export const storeOf = (
  inner: Conversation.Store,
  { latency, tells }: Case,
  process: Process,
  weather: Weather
): Conversation.Store => {
  // Whether the last append did nothing but renew the lease. A load behind a conflict belongs to it
  let isRenewal = false
  const look = (version: number) =>
    process.observeBeside((at) => ({ _tag: "look", run: process.run, version, isBeside: isRenewal, at }))
  const wait = latency === 0 ? Effect.void : Effect.sleep(latency)
  const operation = <A>(
    name: "load" | "append",
    carryOut: (isHeard: boolean) => Effect.Effect<A, Conversation.ConversationError>
  ) =>
    Effect.suspend(() => {
      if (process.isDead) return Effect.fail(failed)
      const fault = weather.next()
      const carriedOut = carryOut(fault === undefined)
      const effect = fault === undefined
        ? carriedOut.pipe(
          Effect.tap(() => Effect.sync(() => weather.passed(name))),
          Effect.tapError(({ _tag }) => Effect.sync(() => weather.passed(name, _tag === "ConversationConflictError")))
        )
        : carriedOut
      const alive = Effect.suspend(() => process.isDead ? Effect.fail(failed) : effect)
      const written = fault === undefined || fault.endsWith("written") ? Effect.asSome(alive) : Effect.succeedNone
      const outcome = fault === undefined
        ? alive
        : Effect.zipRight(
          name === "load" ? Effect.zipRight(look(-1), written) : written,
          fault.startsWith("fails") ? Effect.fail(failed) : Effect.never
        )
      return Effect.zipLeft(Effect.zipRight(wait, outcome), wait)
    })
  return {
    load: (id) =>
      operation("load", (isHeard) => Effect.tap(inner.load(id), (log) => isHeard ? look(log.version) : Effect.void))
        .pipe(
          Effect.tap(() => Effect.sync(() => void (isRenewal = false)))
        ),
    append: (id, version, entries) =>
      Effect.suspend(() => {
        isRenewal = entries.every(({ _tag }) => _tag === "renewed")
        const last = entries.at(-1)?._tag ?? ""
        const isEnd = ["closed", "spent", "input", "output"].includes(last)
        return operation(
          "append",
          (isHeard) =>
            Effect.tap(inner.append(id, version, entries), (next) =>
              Effect.zipRight(
                isHeard ? look(next) : Effect.void,
                process.observe(() => ({ _tag: "stored", run: process.run, entries }))
              ))
        ).pipe(
          Effect.tap(() => Effect.sync(() => void (isRenewal = false))),
          (stored) =>
            isEnd
              ? Effect.zipRight(process.observeBeside(() => ({ _tag: "closing", run: process.run })), stored)
              : stored
        )
      }),
    ...(tells
      ? {
        isNewest: (id: string, version: number) =>
          operation(
            "load",
            (isHeard) =>
              Effect.tap(
                inner.isNewest?.(id, version) ?? Effect.succeed(true),
                (isNewest) => isNewest && isHeard ? look(version) : Effect.void
              )
          )
      }
      : {})
  }
}
