/**
 * The calls of an execution that wait for decisions. An engine lists no deferreds. So the execution itself keeps its waiting
 * calls in notes with numbers, which any process with the engine can read.
 */
import * as DurableDeferred from "@effect/workflow/DurableDeferred"
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Activities from "../../agent/Activities.js"
import { makeSemaphore } from "../../internal/effect/locks.js"
import { guard } from "../../schema/guard.js"
import { asIs } from "./effect.js"
import { type Deferred, type Execution, read, write } from "./execution.js"

/**
 * A call that waits for a decision. `problem` says why the decision before was not taken.
 *
 * @since 0.1.0
 * @category models
 */
export interface WaitingCall extends Activities.PendingCall {
  readonly problem?: string | undefined
}

/** What a waiting call is kept as. `decision` is the name of the deferred that it waits for. */
interface Announcement {
  readonly decision: string
  readonly call: Activities.PendingCall
  readonly problem?: string | undefined
}

const Announcement: Schema.Schema<Announcement> = Schema.Struct({
  decision: Schema.String,
  call: Activities.PendingCall,
  problem: Schema.optional(Schema.String)
})

/** @internal */
export const decisionAs = (name: string): Deferred<Activities.Decision> =>
  DurableDeferred.make(name, { success: asIs(guard(Activities.Decision)) })

const announcementAt = (index: number): Deferred<Announcement> =>
  DurableDeferred.make(`waiting/${index}`, { success: asIs(guard(Announcement)) })

/** @internal */
export const decisionOf = (
  { executionId, workflow }: Execution,
  name: string
): Effect.Effect<Option.Option<Activities.Decision>, never, WorkflowEngine> =>
  read(workflow, executionId, decisionAs(name))

/**
 * Decides about a call. The first decision stays.
 *
 * @internal
 */
export const decide = (
  { executionId, workflow }: Execution,
  name: string,
  decision: Activities.Decision
): Effect.Effect<void, never, WorkflowEngine> => write(workflow, executionId, decisionAs(name), decision)

const announcements = (
  { executionId, notes }: Execution
): Effect.Effect<ReadonlyArray<Announcement>, never, WorkflowEngine> =>
  Effect.gen(function*() {
    const found: Array<Announcement> = []
    while (true) {
      const next = yield* read(notes, executionId, announcementAt(found.length + 1))
      if (Option.isNone(next)) return found
      found.push(next.value)
    }
  })

/**
 * Adds what waits to the list of an execution, once. Several calls may do so at the same time.
 *
 * @internal
 */
export const announcer = (
  execution: Execution
): (announcement: Announcement) => Effect.Effect<void, never, WorkflowEngine> => {
  const oneByOne = makeSemaphore(1)
  let known: Array<Announcement> | undefined
  return (announcement) =>
    oneByOne.withPermits(1)(Effect.gen(function*() {
      known ??= [...yield* announcements(execution)]
      if (known.some(({ decision }) => decision === announcement.decision)) return
      known.push(announcement)
      yield* write(execution.notes, execution.executionId, announcementAt(known.length), announcement)
    }))
}

/**
 * The calls that wait, with the names of the deferreds of their decisions.
 *
 * @internal
 */
export const waitingOf = (
  execution: Execution
): Effect.Effect<ReadonlyArray<{ readonly name: string; readonly call: WaitingCall }>, never, WorkflowEngine> =>
  Effect.flatMap(announcements(execution), (all) =>
    Effect.map(
      Effect.forEach(all, ({ call, decision, problem }) =>
        Effect.map(decisionOf(execution, decision), (made) =>
          Option.isSome(made)
            ? []
            : [{ name: decision, call: problem === undefined ? call : { ...call, problem } }]), { concurrency: 8 }),
      (waiting) =>
        waiting.flat()
    ))
