/** Messages that are said to a conversation: who says them, what a run can know of them, and what must become of them. */
import { assert } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Conversations from "../../../src/agent/Conversation.js"
import * as Middleware from "../../../src/agent/Middleware.js"
import type { Observed, Process, Trace } from "./trace.js"
import { type Token, tokensIn } from "./wire.js"
import { isWord, type Word } from "./world.js"

type Said = Extract<Observed, { readonly _tag: "said" }>

/** What others said, as far as a run knows it. */
export interface Heard {
  /** The messages that waited when the run began. */
  readonly first: ReadonlyArray<string>
  /** The messages that it knew before a request; before its end, if it did not send that request. */
  readonly before: (request: number) => ReadonlyArray<string>
  /** Whether an urgent message interrupted a request. */
  readonly steered: (request: number) => boolean
}

const textOf = (number: number): string => `word ${number}`

/** The messages among items, in their order. */
export const wordsIn = (tokens: ReadonlyArray<Token>): ReadonlyArray<string> =>
  tokens.flatMap((token) => token._tag === "user" && isWord(token.text) ? [token.text] : [])

const saidIn = (events: ReadonlyArray<Observed>): ReadonlyArray<Said> =>
  events.flatMap((event) => event._tag === "said" ? [event] : []).sort((one, other) => one.version - other.version)

/** Says messages from another process. */
export class Speaker {
  private count = 0
  private readonly repeated: Array<number> = []

  constructor(private readonly trace: Trace, private readonly store: Conversations.Store) {}

  /** An effect that says a word once, however often it is executed. */
  saying(word: Word): Effect.Effect<void> {
    let isSaid = false
    return Effect.suspend(() => {
      if (isSaid) return Effect.void
      isSaid = true
      const number = ++this.count
      if (word.isRepeated) this.repeated.push(number)
      return this.say(number, word.isUrgent)
    })
  }

  /** Says again what its speaker is not sure to have said. */
  readonly repeat: Effect.Effect<void> = Effect.suspend(() =>
    Effect.forEach(this.repeated, (number) => this.say(number, false), { discard: true })
  )

  private say(number: number, isUrgent: boolean): Effect.Effect<void> {
    const text = textOf(number)
    const { store, trace } = this
    const observed: Conversations.Store = {
      ...store,
      append: (id, version, entries) =>
        Effect.tap(
          store.append(id, version, entries),
          (next) => Effect.sync(() => trace.note({ _tag: "said", version: next, text, isUrgent }))
        )
    }
    return Conversations.say("c", text, { messageId: text, urgent: isUrgent }).pipe(
      Effect.provideService(Conversations.Conversation, observed),
      Effect.orDie
    )
  }
}

/** Observes how each request of a run ends, if an urgent message may interrupt it. */
export const observing = (words: ReadonlyArray<Word>, process: Process) =>
  words.some(({ isUrgent }) => isUrgent)
    ? [Middleware.make({
      model: (request, next) =>
        Effect.onExit(next(request), (exit) => {
          const isCut = Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause)
          return process.observeBeside((at) => ({ _tag: isCut ? "cut" : "received", run: process.run, at }))
        })
    })]
    : []

/** When a run decides to end: with its first look behind what it stored last. It may look again when it has decided. */
const endIn = (events: ReadonlyArray<Observed>, run: string): number => {
  const last = events.findLastIndex((event) => event._tag === "request" && event.run === run)
  const closing = events.findIndex((event, index) => index > last && event._tag === "closing" && event.run === run)
  const before = closing === -1 ? events : events.slice(0, closing)
  const stored = before.findLastIndex((event) =>
    event._tag === "stored" && event.run === run && event.entries.some(({ _tag }) => _tag !== "renewed")
  )
  const look = before.findIndex((event, index) =>
    index > stored && event._tag === "look" && event.run === run && !event.isBeside
  )
  return look === -1 ? before.length : look + 1
}

/**
 * What a run knew, by the responses of its store: `happened` before its beginning, `events` since then. What was
 * answered before is not heard again.
 */
export const heardIn = (
  happened: ReadonlyArray<Observed>,
  events: ReadonlyArray<Observed>,
  run: string,
  answered: ReadonlyArray<string> = []
): Heard => {
  const said = saidIn([...happened, ...events]).filter(({ text }) => !answered.includes(text))
  const knownUntil = (end: number, isBesideToo: boolean): ReadonlyArray<string> => {
    const looks = events.slice(0, end).flatMap((event) =>
      event._tag === "look" && event.run === run && (isBesideToo || !event.isBeside) ? [event.version] : []
    )
    const last = Math.max(-1, ...looks)
    return said.flatMap(({ text, version }) => version <= last ? [text] : [])
  }
  const indexOf = (request: number) =>
    events.findIndex((event) => event._tag === "request" && event.run === run && event.turn === request)
  const firstLook = events.findIndex((event) => event._tag === "look" && event.run === run && event.version !== -1)
  return {
    first: firstLook === -1 ? [] : knownUntil(firstLook + 1, false),
    before: (request) => {
      const at = indexOf(request)
      const sent = events[at]
      if (sent?._tag === "request") {
        const known = knownUntil(at, false)
        const found = wordsIn(tokensIn(sent.request)).filter((text) => !answered.includes(text))
        const most = knownUntil(at, true)
        // What a run learns when it renews its lease, it learns at any moment
        const isPossible = known.every((text) => found.includes(text)) && found.every((text) => most.includes(text))
        return isPossible ? most.filter((text) => found.includes(text)) : known
      }
      return knownUntil(endIn(events, run), false)
    },
    steered: (request) => {
      const at = indexOf(request)
      const end = events.findIndex((event, index) =>
        index > at && event._tag !== "said" && event._tag !== "look" && "run" in event && event.run === run &&
        (event._tag === "cut" || event._tag === "received")
      )
      return at !== -1 && events[end]?._tag === "cut"
    }
  }
}

/** A message waits until the response to it is stored, and no message is lost or said twice, whoever repeats it. */
export const checkWords = (
  events: ReadonlyArray<Observed>,
  log: Conversations.Log,
  tokens: ReadonlyArray<Token>
): void => {
  const said = saidIn(events).map(({ text }) => text)
  const answered = wordsIn(tokens)
  assert.deepStrictEqual(answered, said.slice(0, answered.length), "the messages of the history")
  const waiting = Conversations.waiting(log).map(({ id }) => id)
  assert.deepStrictEqual(waiting, said.slice(answered.length), "the messages that wait")
}

/** An urgent message interrupts the request that is on its way as soon as its run knows it, and nothing else does. */
export const checkSteered = (events: ReadonlyArray<Observed>, latency: number, isUndisturbed: boolean): void => {
  const urgent = saidIn(events).filter(({ isUrgent }) => isUrgent)
  for (const [index, event] of events.entries()) {
    if (event._tag !== "request") continue
    const { request, run } = event
    const sent = wordsIn(tokensIn(request))
    const rest = events.slice(index + 1)
    const at = rest.findIndex((next) => (next._tag === "cut" || next._tag === "received") && next.run === run)
    const end = rest[at]
    if (end === undefined || end._tag !== "cut" && end._tag !== "received") continue
    const looks = rest.slice(0, at).flatMap((look) => look._tag === "look" && look.run === run ? [look] : [])
    const isKnownBy = (version: number) =>
      urgent.some((message) => message.version <= version && !sent.includes(message.text))
    const found = looks.find(({ isBeside, version }) => !isBeside && isKnownBy(version))
    if (found !== undefined) {
      // Its response may come while the store is responding
      const isTooLate = end._tag === "received" && end.at > found.at + latency
      assert.isFalse(isTooLate, "an urgent message interrupts no request")
    } else if (end._tag === "cut" && isUndisturbed) {
      assert.isTrue(
        looks.some(({ version }) => isKnownBy(version)),
        "a request is interrupted without an urgent message"
      )
    }
  }
}
