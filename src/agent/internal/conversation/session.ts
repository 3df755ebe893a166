import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { Conversation } from "../../Conversation.js"
import type { Entry, Log } from "../../ConversationEntry.js"
import type { ConversationConflictError, ConversationError } from "../../ConversationError.js"
import type { Store } from "../../ConversationStore.js"
import { compact } from "./compact.js"
import { busy } from "./errors.js"
import { inTime } from "./inTime.js"
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
