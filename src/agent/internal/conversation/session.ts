/** A conversation during a run: appends, the lease, the release. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { makeSemaphore } from "../../../internal/effect/locks.js"
import { abandonAfter } from "../../../internal/timeLimits.js"
import { Conversation, type Entry, type Log, type Store } from "../../Conversation.js"
import type { Run } from "../run.js"
import { compact } from "./document.js"
import { busy, type ConversationConflictError, type ConversationError, noResponse } from "./errors.js"
import { heldAt, type Hold, holdOf, type Interrupt } from "./lease.js"

/**
 * A conversation that a run holds. Each append renews the lease, even an empty one.
 *
 * @internal
 */
export interface Session {
  /** The log as far as this run knows it. */
  readonly log: Log
  readonly append: (entries: ReadonlyArray<Entry>) => Effect.Effect<void, ConversationError>
  /** The request to interrupt this run, if one was stored since it holds the conversation. */
  readonly interrupted: () => Interrupt | undefined
}

interface Options {
  readonly run: string
  readonly lease: Duration.DurationInput
}

/** How many requests to interrupt may come between before an append fails. */
const maxInterrupts = 20

const latest = Number.MAX_SAFE_INTEGER

/**
 * Loads a conversation for a run. Fails if another run holds it. The first append claims it.
 *
 * @internal
 */
export const open = (id: string, options: Options): Effect.Effect<Session, ConversationError, Conversation> =>
  Effect.gen(function*() {
    const store = inTime(yield* Conversation)
    const log = yield* store.load(id)
    const hold = holdOf(log.entries)
    const holder = heldAt(hold, yield* Clock.currentTimeMillis)
    if (holder !== undefined && holder.run !== options.run) return yield* busy(id, holder)
    return make(store, id, options, log, hold)
  })

const make = (store: Store, id: string, { lease, run }: Options, loaded: Log, held: Hold | undefined): Session => {
  let known = loaded
  let version = loaded.version
  let appended: Array<Entry> = []
  let hold = held
  let isClaimed = held?.run === run && held.isOpen
  const lock = makeSemaphore(1)

  const claim = (now: number): ReadonlyArray<Entry> => {
    const until = Math.min(now + Duration.toMillis(lease), latest)
    if (!isClaimed) return [{ _tag: "opened", run, at: now, until }]
    return hold?.isOpen === true && until > hold.until ? [{ _tag: "renewed", run, until }] : []
  }

  const grow = (next: number, added: ReadonlyArray<Entry>): void => {
    version = next
    appended.push(...added)
    hold = holdOf(added, hold)
  }

  /** Built on demand, because building it with each append would cost the square of its length. */
  const log = (): Log => {
    if (known.version !== version) known = { version, entries: [...known.entries, ...appended] }
    appended = []
    return known
  }

  /** Reads the entries that others appended. They may only be requests to interrupt. */
  const mergeInterrupts = Effect.fnUntraced(function*(conflict: ConversationConflictError) {
    const stored = yield* store.load(id)
    const others = stored.entries.slice(log().entries.length)
    if (stored.version <= version || others.some(({ _tag }) => _tag !== "interrupt")) return yield* conflict
    grow(stored.version, others)
  })

  const attempt = (more: ReadonlyArray<Entry>, tries: number): Effect.Effect<void, ConversationError> =>
    Effect.gen(function*() {
      const added = [...claim(yield* Clock.currentTimeMillis), ...more]
      grow(yield* store.append(id, version, added), added)
      isClaimed = true
    }).pipe(
      Effect.catchTag(
        "ConversationConflictError",
        (conflict) =>
          tries > 0 ? Effect.zipRight(mergeInterrupts(conflict), attempt(more, tries - 1)) : Effect.fail(conflict)
      )
    )

  return {
    get log() {
      return log()
    },
    // Uninterruptible, so that the log equals what is stored. The time limit of the store bounds it
    append: (more) => lock.withPermits(1)(Effect.uninterruptible(attempt(more.map(compact), maxInterrupts))),
    interrupted: () => hold?.run === run ? hold.interrupt : undefined
  }
}

/**
 * Holds a conversation during a run, and releases it after any end of the run. The lease is renewed well before its end,
 * so that a failed renewal can be repeated. If another run takes the conversation, this run fails at once and spends no
 * more.
 *
 * @internal
 */
export const holding = <E, R>(
  session: Session,
  run: string,
  lease: Duration.DurationInput,
  body: Effect.Effect<Run<unknown>, E, R>
): Effect.Effect<Run<unknown>, E | ConversationError, R> => {
  const renewal = session.append([]).pipe(
    Effect.catchTag(
      "ConversationStoreError",
      (error) => Effect.logWarning("conversation: the lease was not renewed; the next renewal will try again", error)
    ),
    Effect.delay(pauseOf(lease)),
    Effect.forever
  )
  return Effect.onExit(
    whileHeld(body, renewal),
    (exit) => isClaimed(session, run) ? release(session, run, exit) : Effect.void
  )
}

/** A race alone would not wait for the interrupted body, and the conversation must not be released before its end. */
const whileHeld = <A, E, R, E2>(
  body: Effect.Effect<A, E, R>,
  renewal: Effect.Effect<never, E2>
): Effect.Effect<A, E | E2, R> =>
  Effect.acquireUseRelease(
    Scope.make(),
    (scope) => Effect.flatMap(Effect.forkIn(body, scope), (running) => Effect.raceFirst(Fiber.join(running), renewal)),
    Scope.close
  )

const pauseOf = (lease: Duration.DurationInput): Duration.Duration =>
  Duration.millis(Math.max(1000, Duration.toMillis(lease) / 3))

const isClaimed = (session: Session, run: string): boolean =>
  session.log.entries.some((entry) => entry._tag === "opened" && entry.run === run)

const release = (session: Session, run: string, exit: Exit.Exit<Run<unknown>, unknown>): Effect.Effect<void> => {
  const outcome = Exit.isSuccess(exit)
    ? exit.value.outcome._tag
    : Cause.isInterruptedOnly(exit.cause)
    ? "interrupted"
    : "failed"
  return Effect.catchAll(
    session.append([{ _tag: "closed", run, outcome }]),
    (error) =>
      Effect.logWarning(
        "conversation: the run ended, but did not release its conversation; the lease will expire",
        error
      )
  )
}

/** How long a store may take to answer. */
const limit = Duration.seconds(30)

/**
 * A store that answers, or fails: what takes longer than the limit is left behind, also where it heeds no interruption.
 * Otherwise it would hold up the end of a run that waits for it.
 *
 * @internal
 */
export const inTime = ({ append, load }: Store): Store => ({
  load: (id) => abandonAfter(load(id), limit, () => noResponse(id, "load", limit)),
  append: (id, version, entries) =>
    abandonAfter(append(id, version, entries), limit, () => noResponse(id, "append", limit))
})
