/** Invariants of all observed events, for any expectation of the reference. */
import { assert } from "@effect/vitest"
import type { Entry, Log } from "../../../src/agent/Conversation.js"
import type { Conversation } from "./conversation.js"
import { isSuccess } from "./fates.js"
import { slowness } from "./tools.js"
import type { Observed } from "./trace.js"
import { type Token, tokensIn } from "./wire.js"
import { turnOf } from "./world.js"

/** Each call occurs once, with one output before the next user message; outputs are in the order of the calls. */
export const checkInput = (tokens: ReadonlyArray<Token>): void => {
  const open: Array<number> = []
  const asked = new Set<number>()
  const seen = new Set<string>()
  for (const token of tokens) {
    if (token._tag === "output") {
      if (!asked.delete(token.call)) {
        assert.strictEqual(token.call, open.shift(), `the output of ${token.call} is out of place`)
      }
      continue
    }
    if (token._tag === "call" && token.isOfServer) asked.add(token.call)
    else if (token._tag === "call") open.push(token.call)
    else if (token._tag === "user") {
      assert.deepStrictEqual([...open, ...asked], [], "the user speaks before calls are answered")
    }
    if (token._tag === "user") continue
    const name = token._tag === "call" ? `call ${token.call}` : `${token._tag} ${token.turn}`
    assert.isFalse(seen.has(name), `${name} is there twice`)
    seen.add(name)
  }
  assert.deepStrictEqual([...open, ...asked], [], "calls without an output are sent")
}

/**
 * Handlers execute only calls that may execute, once, to the end, and not again if the store has a record of them. Without
 * a store, a decision is for one run.
 */
export const checkHandlers = (
  events: ReadonlyArray<Observed>,
  conversation: Conversation,
  isStored: boolean
): void => {
  const verdicts = { allowed: new Set<number>(), rejected: new Set<number>() }
  const [done, running, recorded] = [new Set<number>(), new Set<number>(), new Set<string>()]
  const calls = callsIn(events)
  for (const event of events) {
    for (const { call, how } of decisionsIn(event, calls)) {
      if (how === "answer") continue
      verdicts[how === "reject" ? "allowed" : "rejected"].delete(call)
      verdicts[how === "reject" ? "rejected" : "allowed"].add(call)
    }
    if (event._tag === "stored") { for (const id of recordsIn(event.entries)) recorded.add(id) }
    else if (event._tag === "over" && !isStored) { for (const set of Object.values(verdicts)) set.clear() }
    else if (event._tag === "lost") { for (const set of [done, running]) set.clear() }
    else if (event._tag === "started") {
      checkStart(event.call, conversation, verdicts)
      assert.isFalse(recorded.has(event.id), `the call ${event.call} is carried out again, although it has a record`)
      const isRepeated = conversation.callOf(event.call).wrap === "repeats"
      assert.isTrue(isRepeated || !done.has(event.call), `the call ${event.call} is carried out again`)
      assert.isFalse(running.has(event.call), `the call ${event.call} is carried out twice at the same time`)
      running.add(event.call)
    } else if (event._tag === "ended") {
      running.delete(event.call)
      if (event.how === "done") done.add(event.call)
    }
  }
  assert.deepStrictEqual([...running], [], "handlers are still at work")
}

/** The calls by their ids, as far as handlers and requests show them. */
export const callsIn = (events: ReadonlyArray<Observed>): ReadonlyMap<string, number> =>
  new Map(events.flatMap((event): ReadonlyArray<readonly [string, number]> => {
    if (event._tag === "started") return [[event.id, event.call]]
    return event._tag === "request"
      ? tokensIn(event.request).flatMap((token) => token._tag === "call" ? [[token.id, token.call]] : [])
      : []
  }))

/** The decisions that count from an event on: with a store, those that are stored. */
const decisionsIn = (event: Observed, calls: ReadonlyMap<string, number>) => {
  if (event._tag === "decided") return [event]
  return event._tag === "stored"
    ? event.entries.flatMap((entry) => {
      const call = entry._tag === "decision" ? calls.get(entry.callId) : undefined
      return entry._tag === "decision" && call !== undefined ? [{ call, how: entry.decision._tag }] : []
    })
    : []
}

/** The calls that have a record. */
const recordsIn = (entries: ReadonlyArray<Entry>): ReadonlyArray<string> =>
  entries.flatMap((entry) => entry._tag === "tool" && entry.record.status !== "suspended" ? [entry.record.callId] : [])

const checkStart = (
  call: number,
  conversation: Conversation,
  { allowed, rejected }: { readonly allowed: ReadonlySet<number>; readonly rejected: ReadonlySet<number> }
): void => {
  assert.isTrue(conversation.isUsable(turnOf(call)), `the call ${call} broke off with its answer`)
  const { gated, isCut, kind } = conversation.callOf(call)
  assert.isFalse(isCut, `the arguments of the call ${call} are cut off`)
  assert.notInclude(["manual", "unknown", "badJson", "badArguments"], kind, `the call ${call} cannot be carried out`)
  assert.isFalse(rejected.has(call), `the call ${call} was rejected`)
  assert.isTrue(!gated || allowed.has(call), `the call ${call} was not approved`)
}

/** A call has one id in all requests and for its handler; with a store, one key in all runs that no other call has. */
export const checkIds = (events: ReadonlyArray<Observed>, isStored: boolean): void => {
  const [ids, keys] = [new Map<number, string>(), new Map<number, string>()]
  const same = (known: Map<number, string>, call: number, name: string) => {
    assert.strictEqual(known.get(call) ?? name, name, `the call ${call} has two names`)
    known.set(call, name)
  }
  for (const event of events) {
    if (event._tag === "started") {
      same(ids, event.call, event.id)
      if (isStored) same(keys, event.call, event.key)
    } else if (event._tag === "request") {
      for (const token of tokensIn(event.request)) {
        if (token._tag === "call") same(ids, token.call, token.id)
      }
    }
  }
  for (const known of [ids, keys]) {
    assert.strictEqual(new Set(known.values()).size, known.size, "two calls share a name")
  }
}

/** No call starts after another call has failed the run; calls that start at the same time may, and retries. */
export const checkFailed = (events: ReadonlyArray<Observed>, conversation: Conversation): void => {
  const failure = events.find((event) => {
    if (event._tag !== "ended" || event.how !== "declined") return false
    const { kind, wrap } = conversation.callOf(event.call)
    return kind === "fatal" && wrap !== "repeats" && wrap !== "delays"
  })
  if (failure?._tag !== "ended") return
  const underWay = new Set<number>()
  for (const event of events) {
    if (event._tag !== "started") continue
    // A middleware may begin with a wait
    const begins = conversation.callOf(event.call).wrap === "delays" ? event.at - 10 : event.at
    if (begins <= failure.at) underWay.add(event.call)
    assert.isTrue(underWay.has(event.call), `the call ${event.call} starts although the run has failed`)
  }
}

/** The results of handlers that completed are kept, also if the run was cut short, but for those that a middleware repeats. */
export const checkDone = (events: ReadonlyArray<Observed>, found: Conversation): void => {
  for (const [index, event] of events.entries()) {
    if (event._tag !== "ended" || event.how !== "done") continue
    if (events.slice(index).some((later) => later._tag === "started" && later.call === event.call)) continue
    assert.isTrue(isSuccess(found.outputs.get(event.call)), `the call ${event.call} is done, and nobody knows`)
  }
}

/** In a run that nobody cuts short, each call that starts is finished: it has an output, waits, or failed the run. */
export const checkFinished = (events: ReadonlyArray<Observed>, found: Conversation): void => {
  const waiting = new Set(
    events.flatMap((event) => event._tag === "ended" && event.how === "waits" ? [event.call] : [])
  )
  const failed = new Set(events.flatMap((event) => event._tag === "failed" ? [event.call] : []))
  for (const event of events) {
    if (event._tag !== "started" || found.outputs.has(event.call) || failed.has(event.call)) continue
    if (waiting.has(event.call)) continue
    assert.include(["ask", "fatal"], found.callOf(event.call).kind, `the call ${event.call} was cut off`)
  }
}

/** Readers see a turn or the output of a call only when the store has it. */
export const checkTold = (events: ReadonlyArray<Observed>): void => {
  const stored = new Set<string>()
  for (const event of events) {
    if (event._tag === "stored") {
      for (const id of recordsIn(event.entries)) stored.add(id)
      for (const entry of event.entries) if (entry._tag === "turn") stored.add(entry.record.response.id ?? "")
    } else if (event._tag === "told") {
      const id = "callId" in event.what ? event.what.callId : event.what.response
      assert.isTrue(stored.has(id), `${id} is told before it is stored`)
    }
  }
}

/** The time of handlers is their own: nothing else delays them. */
export const checkTimes = (events: ReadonlyArray<Observed>, conversation: Conversation): void => {
  const started = new Map<number, number>()
  for (const event of events) {
    if (event._tag === "started") started.set(event.call, event.at)
    if (event._tag !== "ended" || event.how === "left") continue
    const { kind } = conversation.callOf(event.call)
    if (kind === "agent" || kind === "chats") continue
    const time = event.at - (started.get(event.call) ?? 0)
    assert.strictEqual(time, kind === "slow" ? slowness(event.call) : 0, `the time of the call ${event.call}`)
  }
}

/** After a request to interrupt, no turn starts, except one that could not have received the request. */
export const checkAsked = (all: ReadonlyArray<Observed>): void => {
  const events = all.filter(({ _tag }) => !["said", "look", "closing", "received", "cut"].includes(_tag))
  const at = events.findIndex((event) => event._tag === "asked")
  if (at === -1) return
  const inputs = events.map((event) =>
    event._tag === "request" ? JSON.stringify(event.request.json["input"]) : undefined
  )
  const isRetry = (index: number) => inputs[index] === inputs.slice(0, index).findLast((input) => input !== undefined)
  const after = inputs.flatMap((input, index) => input === undefined || index < at || isRetry(index) ? [] : [index])
  const before = events[at - 1]?._tag
  const mayBeLate = before === "stored" || before === "told"
  assert.isAtMost(after.length, mayBeLate ? 1 : 0, "a turn began after a request to interrupt the run")
}

interface Holder {
  readonly run: string
  readonly until: number
}

const afterEntry = (holder: Holder | undefined, entry: Entry): Holder | undefined => {
  if (entry._tag === "opened") {
    assert.isAtMost(holder?.until ?? 0, entry.at, "a conversation is taken from a run that continues")
    return entry
  }
  if (!("run" in entry)) return holder
  assert.strictEqual(entry.run, holder?.run, `${entry._tag} by a run that does not hold the conversation`)
  if (entry._tag === "renewed") return entry
  return entry._tag === "closed" ? undefined : holder
}

/** The run that holds a conversation. Runs hold it one after the other. */
export const holderOf = ({ entries }: Log): Holder | undefined =>
  entries.reduce<Holder | undefined>(afterEntry, undefined)

/** A run that can reach its store releases the conversation, unless it never held it after the run that left it. */
export const checkReleased = (log: Log, leftBy: string | undefined): void => {
  const holder = holderOf(log)?.run
  assert.isTrue(holder === undefined || holder === leftBy, "a conversation is still held")
}

/** A run that was interrupted has at most the expected entries, and loses none. */
export const checkBetween = (before: Conversation, found: Conversation, after: Conversation): void => {
  const isOutput = (line: string) => line.startsWith("output")
  // What the model is told of a success may depend on when its middleware was interrupted
  const outputs = (one: Conversation) =>
    one.lines.filter(isOutput).map((line) => line.replace(/: (changed|unshowable|withheld|handed over)$/, ": done"))
  const others = (one: Conversation) => one.lines.filter((line) => !isOutput(line))
  const [was, is, would] = [others(before), others(found), others(after)]
  if (is.length === was.length) assert.deepStrictEqual(is, was)
  assert.deepStrictEqual(is, would.slice(0, is.length))
  assert.includeMembers(outputs(found), outputs(before))
  assert.includeMembers(outputs(after), outputs(found))
}
