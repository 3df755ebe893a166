/** A conversation during a run: what is appended, and the lease. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { isSameJson } from "../../../internal/canonicalJson.js"
import { makeSemaphore } from "../../../internal/effect/locks.js"
import { toEffect } from "../../../internal/effect/results.js"
import { Conversation, type Entry, type Log, type Store } from "../../Conversation.js"
import { busy, conflict, type ConversationConflictError, type ConversationError } from "./errors.js"
import { Grants, type StoredGrant } from "./grants.js"
import { Inbox, type Message } from "./inbox.js"
import { heldAt, type Hold, holdOf, type Interrupt } from "./lease.js"
import { inTime, load, timeOf, withRetries } from "./storage.js"
import { compact, encode } from "./stores/document.js"

/**
 * A conversation that a run holds. Each append renews the lease if that is due, even an empty one. Entries that could not
 * be written wait, and the next append offers them again, before its own.
 *
 * @internal
 */
export interface Session {
  /** The log as far as this run knows it: only what is stored. */
  readonly log: Log
  readonly append: (entries: ReadonlyArray<Entry>) => Effect.Effect<void, ConversationError>
  /** Whether this run may hold the conversation, so that it has to release it. */
  readonly holds: () => boolean
  /** The messages that wait for a run. */
  readonly waiting: () => ReadonlyArray<Message>
  /** The approvals that hold for later calls. */
  readonly grants: () => ReadonlyArray<StoredGrant>
  /** The calls that are to be cancelled. */
  readonly cancelled: () => ReadonlySet<string>
  /** Reads what others appended, if the store can tell that there is something. */
  readonly refresh: Effect.Effect<void, ConversationError>
  /** The request to interrupt this run, if one was stored since it holds the conversation. */
  readonly interrupted: () => Interrupt | undefined
}

interface Options {
  readonly run: string
  readonly lease: Duration.DurationInput
}

/** What other processes may append while a run holds the conversation. */
const ofOthers: ReadonlySet<Entry["_tag"]> = new Set(["interrupt", "inbox", "cancel", "allowed", "revoked"])

/** How many requests to interrupt and messages may come between before an append fails. */
const maxInterrupts = 20

/** How long a store may take while it is known to fail. */
const limitWhileDown = Duration.seconds(5)

const latest = Number.MAX_SAFE_INTEGER

/**
 * Loads a conversation for a run. Fails if another run holds it. The first append claims it.
 *
 * @internal
 */
export const open = (id: string, options: Options): Effect.Effect<Session, ConversationError, Conversation> =>
  Effect.gen(function*() {
    const store = yield* Conversation
    const log = yield* load(store, id)
    const hold = holdOf(log.entries)
    const now = yield* timeOf(store)
    const holder = heldAt(hold, now)
    if (holder !== undefined && holder.run !== options.run) return yield* busy(id, holder)
    return make(store, id, options, log, hold, now - (yield* Clock.currentTimeMillis))
  })

/** `ahead` is how far the clock of the store is ahead of the clock of this machine, in milliseconds. */
const make = (
  store: Store,
  id: string,
  { lease, run }: Options,
  loaded: Log,
  held: Hold | undefined,
  ahead: number
): Session => {
  let known = loaded
  let version = loaded.version
  let appended: Array<Entry> = []
  let hold = held
  let isClaimed = held?.run === run && held.isOpen
  let claimedUntil = held?.until ?? 0
  /** What this run appended and the store has not confirmed, in order. */
  const unwritten: Array<Entry> = []
  /** Whether an append failed after which it is unknown what was written. */
  let isUncertain = false
  let isDown = false
  let lost: ConversationConflictError | undefined = undefined
  const inbox = new Inbox(loaded.entries)
  const grants = new Grants(loaded.entries)
  const lock = makeSemaphore(1)

  /** The entry that claims the conversation or renews its lease, if one is due. */
  const claim = (now: number): ReadonlyArray<Entry> => {
    const until = Math.min(now + Duration.toMillis(lease), latest)
    const isFirst = !isClaimed
    if (isClaimed && (hold?.isOpen === false || !isDue(now, claimedUntil, until))) return []
    isClaimed = true
    claimedUntil = until
    return isFirst ? [{ _tag: "opened", run, at: now, until }] : [{ _tag: "renewed", run, until }]
  }

  const grow = (next: number, added: ReadonlyArray<Entry>): void => {
    version = next
    appended.push(...added)
    hold = holdOf(added, hold)
    inbox.read(added)
    grants.read(added)
    isUncertain = false
  }

  /** Built on demand, because building it with each append would cost the square of its length. */
  const log = (): Log => {
    if (known.version !== version) known = { ...known, version, entries: [...known.entries, ...appended] }
    appended = []
    return known
  }

  /**
   * Reads what was appended since. It may be what this run appended when a try failed and nobody knew whether it was
   * written; behind that, or without it, requests to interrupt and messages. Anything else comes from another run.
   */
  const merge = Effect.fnUntraced(function*(store: Store, conflict: ConversationConflictError) {
    const stored = yield* store.load(id)
    const added = stored.entries.slice(log().entries.length)
    const own = isUncertain ? countEqual(added, unwritten) : 0
    const isOurs = added.slice(own).every(({ _tag }) => ofOthers.has(_tag))
    if (stored.version <= version || !isOurs || stored.removed !== loaded.removed) {
      lost = conflict
      return yield* conflict
    }
    unwritten.splice(0, own)
    grow(stored.version, added)
  })

  const write = (store: Store, tries: number): Effect.Effect<void, ConversationError> =>
    Effect.suspend(() => {
      const entries = [...unwritten]
      if (entries.length === 0) return Effect.void
      return store.append(id, version, entries).pipe(
        Effect.flatMap((next) =>
          Effect.sync(() => {
            grow(next, entries)
            unwritten.length = 0
          })
        ),
        Effect.catchTag("ConversationConflictError", (conflict) =>
          tries > 0 ? Effect.zipRight(merge(store, conflict), write(store, tries - 1)) : Effect.fail(conflict)),
        Effect.tapError((error) =>
          Effect.sync(() => {
            isUncertain ||= error._tag === "ConversationStoreError" && isStorable()
          })
        )
      )
    })

  const isStorable = (): boolean => Either.isRight(encode(id, unwritten))

  const append = (more: ReadonlyArray<Entry>): Effect.Effect<void, ConversationError> =>
    Effect.gen(function*() {
      if (lost !== undefined) return yield* lost
      unwritten.push(...claim((yield* Clock.currentTimeMillis) + ahead))
      const before = unwritten.length
      unwritten.push(...more)
      const result = yield* Effect.either(
        isDown
          ? write(inTime(store, limitWhileDown), maxInterrupts)
          : withRetries(store, (store) => write(store, maxInterrupts), isStorable)
      )
      // What can never be stored must not hold up what can
      if (!isStorable()) unwritten.length = before
      else isDown = Either.isLeft(result) && result.left._tag === "ConversationStoreError"
      return yield* toEffect(result)
    })

  const refresh = Effect.gen(function*() {
    const isNewest = isDown || lost !== undefined ||
      (yield* inTime(store).isNewest?.(id, version) ?? Effect.succeed(true))
    if (!isNewest) yield* merge(inTime(store), conflict(id, version))
  })

  return {
    get log() {
      return log()
    },
    // Uninterruptible, so that the log equals what is stored. The time limits of the store bound it
    append: (more) => lock.withPermits(1)(Effect.uninterruptible(append(more.map(compact)))),
    waiting: () => inbox.waiting,
    grants: () => grants.all,
    cancelled: () => inbox.cancelled,
    refresh: lock.withPermits(1)(Effect.uninterruptible(refresh)),
    holds: () => isClaimed && lost === undefined,
    interrupted: () => hold?.run === run ? hold.interrupt : undefined
  }
}

/** Whether a third of the lease is over, so that two more renewals may fail before its end. */
const isDue = (now: number, claimed: number, until: number): boolean => claimed - now <= (until - now) * 2 / 3

const countEqual = (stored: ReadonlyArray<Entry>, own: ReadonlyArray<Entry>): number => {
  const different = own.findIndex((entry, index) => !isSameJson(entry, stored[index]))
  return different === -1 ? own.length : different
}
