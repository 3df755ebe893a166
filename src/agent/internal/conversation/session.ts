import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Scope from "effect/Scope"
import { Conversation, type Entry, type Log, type Store } from "../../Conversation.js"
import type { Run } from "../run.js"
import { compact } from "./document.js"
import {
  busy,
  type ConversationConflictError,
  type ConversationError,
  type ConversationStoreError,
  noAnswer
} from "./errors.js"
import { heldAt, type Hold, holdOf, type Interrupt } from "./lease.js"

/**
 * A conversation in the hands of a run. Each append, an empty one too, renews the lease.
 *
 * @internal
 */
export interface Session {
  /** As far as this run knows it. */
  readonly log: Log
  readonly append: (entries: ReadonlyArray<Entry>) => Effect.Effect<void, ConversationError>
  /** What asked this run to stop, since it claimed the conversation. */
  readonly interrupted: () => Interrupt | undefined
}

interface Options {
  readonly run: string
  readonly lease: Duration.DurationInput
}

/** How often an append makes way for requests to interrupt. */
const patience = 20

const latest = Number.MAX_SAFE_INTEGER

/**
 * Loads a conversation for a run; fails where another one holds it. It is claimed with the first append.
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
  const lock = Effect.unsafeMakeSemaphore(1)

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

  /** Put together when it is asked for: with each append it would cost the square of its length. */
  const log = (): Log => {
    if (known.version !== version) known = { version, entries: [...known.entries, ...appended] }
    appended = []
    return known
  }

  /** Takes over what others appended; only requests to interrupt may come between. */
  const adopt = Effect.fnUntraced(function*(conflict: ConversationConflictError) {
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
        (conflict) => tries > 0 ? Effect.zipRight(adopt(conflict), attempt(more, tries - 1)) : Effect.fail(conflict)
      )
    )

  return {
    get log() {
      return log()
    },
    // Not interruptible once it is under way, so that the log is known to be what is stored: a store answers in time
    append: (more) => lock.withPermits(1)(Effect.uninterruptible(attempt(more.map(compact), patience))),
    interrupted: () => hold?.run === run ? hold.interrupt : undefined
  }
}

/**
 * Holds a conversation while a run goes on, and gives it back however the run ends. The lease is renewed well before it
 * ends, so that there is another chance where the storage fails. Where somebody else took the conversation, the run fails
 * at once and spends no more.
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
    Effect.catchTag("ConversationStoreError", (error) => Effect.logWarning("A lease could not be renewed yet", error)),
    Effect.delay(pauseOf(lease)),
    Effect.forever
  )
  return Effect.onExit(
    whileHeld(body, renewal),
    (exit) => isClaimed(session, run) ? give(session, run, exit) : Effect.void
  )
}

/** A race would not wait for the body when it is interrupted, and the conversation is not to be given back before. */
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
  Duration.max(Duration.times(lease, 1 / 3), "1 second")

const isClaimed = (session: Session, run: string): boolean =>
  session.log.entries.some((entry) => entry._tag === "opened" && entry.run === run)

const give = (session: Session, run: string, exit: Exit.Exit<Run<unknown>, unknown>): Effect.Effect<void> => {
  const outcome = Exit.isSuccess(exit)
    ? exit.value.outcome._tag
    : Cause.isInterruptedOnly(exit.cause)
    ? "interrupted"
    : "failed"
  return Effect.catchAll(
    session.append([{ _tag: "closed", run, outcome }]),
    (error) => Effect.logWarning("A run is over, but could not give its conversation back", error)
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
  load: (id) => answered(load(id), () => noAnswer(id, "load", limit)),
  append: (id, version, entries) => answered(append(id, version, entries), () => noAnswer(id, "append", limit))
})

const answered = <A>(
  asked: Effect.Effect<A, ConversationError>,
  late: () => ConversationStoreError
): Effect.Effect<A, ConversationError> =>
  Effect.gen(function*() {
    const answer = yield* Deferred.make<A, ConversationError>()
    // Daemons, as an interruption is told to the children even of a fiber that does not yet heed it
    const begin = (effect: Effect.Effect<unknown>) => Effect.forkDaemon(Effect.interruptible(effect))
    const worker = yield* begin(Effect.intoDeferred(asked, answer))
    const timer = yield* begin(Effect.delay(Deferred.failSync(answer, late), limit))
    return yield* Effect.ensuring(
      Deferred.await(answer),
      Effect.sync(() => {
        worker.unsafeInterruptAsFork(FiberId.none)
        timer.unsafeInterruptAsFork(FiberId.none)
      })
    )
  })
