/** Invariants of all observed events, for any expectation of the reference. */
import { assert } from "@effect/vitest"
import type { Log } from "../../../src/agent/Conversation.js"
import type { Conversation } from "./reference.js"
import type { Observed } from "./trace.js"
import { type Token, tokensIn } from "./wire.js"
import { turnOf } from "./world.js"

type Ended = Extract<Observed, { readonly _tag: "ended" }>

/** Each call occurs once, with one output before the next user message; outputs are in the order of the calls. */
export const checkInput = (tokens: ReadonlyArray<Token>): void => {
  const open: Array<number> = []
  const seen = new Set<string>()
  for (const token of tokens) {
    if (token._tag === "output") {
      assert.strictEqual(token.call, open.shift(), `the output of ${token.call} is out of place`)
      continue
    }
    if (token._tag === "call") open.push(token.call)
    else if (token._tag === "user") assert.deepStrictEqual(open, [], "the user speaks before calls are answered")
    if (token._tag === "user") continue
    const name = token._tag === "call" ? `call ${token.call}` : `${token._tag} ${token.turn}`
    assert.isFalse(seen.has(name), `${name} is there twice`)
    seen.add(name)
  }
  assert.deepStrictEqual(open, [], "calls without an output are sent")
}

/** Handlers execute only calls that may execute, once, and to the end. */
export const checkHandlers = (events: ReadonlyArray<Observed>, conversation: Conversation): void => {
  const [allowed, rejected, done, running] = [
    new Set<number>(),
    new Set<number>(),
    new Set<number>(),
    new Set<number>()
  ]
  for (const event of events) {
    if (event._tag === "decided") {
      if (event.how === "answer") continue
      for (const set of [allowed, rejected]) set.delete(event.call)
      if (event.how === "reject") rejected.add(event.call)
      else allowed.add(event.call)
    } else if (event._tag === "started") {
      checkStart(event.call, conversation, { allowed, rejected })
      assert.isFalse(done.has(event.call), `the call ${event.call} is carried out again`)
      assert.isFalse(running.has(event.call), `the call ${event.call} is carried out twice at the same time`)
      running.add(event.call)
    } else if (event._tag === "ended") {
      running.delete(event.call)
      if (event.how === "done") done.add(event.call)
    }
  }
  assert.deepStrictEqual([...running], [], "handlers are still at work")
}

const checkStart = (
  call: number,
  conversation: Conversation,
  { allowed, rejected }: { readonly allowed: ReadonlySet<number>; readonly rejected: ReadonlySet<number> }
): void => {
  assert.strictEqual(
    conversation.script[turnOf(call) - 1]?._tag,
    "answer",
    `the call ${call} broke off with its answer`
  )
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

/** If calls run one by one, no call starts after another call has failed the run. */
export const checkFailed = (events: ReadonlyArray<Observed>, conversation: Conversation): void => {
  const isFailure = (event: Observed) =>
    event._tag === "ended" && event.how === "declined" && conversation.callOf(event.call).kind === "fatal"
  const after = events.slice(events.findIndex(isFailure)).filter((event) => event._tag === "started")
  if (events.some(isFailure)) assert.deepStrictEqual(after, [], "a call starts although the run has failed")
}

/** The calls that handlers completed. */
export const completed = (events: ReadonlyArray<Observed>): ReadonlySet<number> =>
  new Set(
    events.filter((event): event is Ended => event._tag === "ended" && event.how === "done").map(({ call }) => call)
  )

/** After a request to interrupt, no turn starts, except one that could not have received the request. */
export const checkAsked = (events: ReadonlyArray<Observed>): void => {
  const at = events.findIndex((event) => event._tag === "asked")
  if (at === -1) return
  const inputs = events.map((event) =>
    event._tag === "request" ? JSON.stringify(event.request.json["input"]) : undefined
  )
  const isRetry = (index: number) => inputs[index] === inputs.slice(0, index).findLast((input) => input !== undefined)
  const after = inputs.flatMap((input, index) => input === undefined || index < at || isRetry(index) ? [] : [index])
  const mayBeLate = events[at - 1]?._tag === "stored"
  assert.isAtMost(after.length, mayBeLate ? 1 : 0, "a turn began after a request to interrupt the run")
}

/** Runs hold a conversation one after the other, and each releases it. */
export const checkLog = ({ entries }: Log): void => {
  let holder: string | undefined
  for (const entry of entries) {
    if (entry._tag === "opened") {
      assert.isUndefined(holder, "a conversation is taken from a run that continues")
      holder = entry.run
    } else if ("run" in entry) {
      assert.strictEqual(entry.run, holder, `${entry._tag} by a run that does not hold the conversation`)
      if (entry._tag === "closed") holder = undefined
    }
  }
  assert.isUndefined(holder, "a conversation is still held")
}

/** A run that was interrupted has at most the expected entries, and loses none. */
export const checkBetween = (before: Conversation, found: Conversation, after: Conversation): void => {
  const isOutput = (line: string) => line.startsWith("output")
  const outputs = (one: Conversation) => one.lines.filter(isOutput)
  const others = (one: Conversation) => one.lines.filter((line) => !isOutput(line))
  const [was, is, would] = [others(before), others(found), others(after)]
  if (is.length === was.length) assert.deepStrictEqual(is, was)
  assert.deepStrictEqual(is, would.slice(0, is.length))
  assert.includeMembers(outputs(found), outputs(before))
  assert.includeMembers(outputs(after), outputs(found))
}
