/** Forks: conversations that go on from a place of another one. */
import * as Effect from "effect/Effect"
import type { InvalidRequestError } from "../../../../http/OpenRouterError.js"
import { randomText } from "../../../../internal/crypto.js"
import type { ToolCallOutput } from "../../../../schema/ResponsesItems.js"
import type { Entry } from "../entry.js"
import type { ConversationError } from "../errors.js"
import { Conversation } from "../service.js"
import { load } from "../storage.js"
import { copyOf, type Places, placesOf } from "./copy.js"
import { create, refused } from "./create.js"

/**
 * A conversation that was copied: its `id`, and how many entries of the other one it has, `at`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Copy {
  readonly id: string
  readonly at: number
}

/**
 * Copies a conversation, so that it can go on in two ways: with other instructions, another model, another question, or
 * other results of tools. Neither conversation sees what happens in the other one. The copy is stored under `to`, by default
 * a new id that begins with the id of the origin and a slash.
 *
 * `at` counts the entries of `load` to copy, by default all. A copy begins at a boundary: where every call has its output, or
 * where a run ended and its calls wait. Any other `at` is moved back to the boundary before, and the result says where that
 * is: so no call executes in both that began to execute in the origin.
 *
 * `outputs` gives calls other outputs than they got, by their ids. Without `at`, the copy then ends before the next turn, which
 * saw the old ones.
 *
 * Leases, decisions about calls, and messages that wait are not copied: a call that waits for an approval waits in both, and
 * has another `idempotencyKey` in the copy. What the origin spent does not count in the copy: see `Conversation.usage`.
 *
 * Fails with `InvalidRequestError` if the conversation does not exist, if `to` does exist, or if `at` or `outputs` do not fit.
 *
 * @since 0.1.0
 * @category copying
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Agent, Conversation } from "effect-openrouter"
 *
 * const program = Effect.gen(function*() {
 *   const { id } = yield* Conversation.fork("user-17", { outputs: { call_5: "No flights on that day." } })
 *   return yield* Agent.run({ model: "openai/gpt-5-mini", conversation: id })
 * })
 * ```
 */
export const fork = (
  id: string,
  options: {
    readonly at?: number | undefined
    readonly to?: string | undefined
    readonly outputs?: Readonly<Record<string, ToolCallOutput>> | undefined
  } = {}
): Effect.Effect<Copy, ConversationError | InvalidRequestError, Conversation> =>
  Effect.gen(function*() {
    const store = yield* Conversation
    const { entries, removed } = yield* load(store, id)
    if (entries.length === 0) {
      return yield* refused(id, "id", "there is no such conversation. List the ids with Conversation.list")
    }
    const outputs = new Map(Object.entries(options.outputs ?? {}))
    const places = placesOf(entries, outputs)
    const wanted = options.at ?? endFor(entries, places, [...outputs.keys()])
    if (!(wanted >= 0 && wanted <= entries.length)) {
      return yield* refused(
        id,
        "at",
        `it is ${wanted}, and the conversation has ${entries.length} entries. Use a number from 0 to ${entries.length}`
      )
    }
    const at = places.boundaries.findLast((boundary) => boundary <= wanted) ?? 0
    for (const callId of outputs.keys()) {
      const turn = places.turns.get(callId)
      if (turn === undefined || turn >= at) {
        return yield* refused(
          id,
          "outputs",
          `no turn of the first ${at} entries has the call "${callId}". Take the ids from Conversation.history`
        )
      }
      const end = endFor(entries, places, [callId])
      if (end < at) {
        return yield* refused(
          id,
          "outputs",
          `a turn behind the call "${callId}" has seen its output. Set \`at\` to ${end} at most, or leave it out`
        )
      }
    }
    const to = options.to ?? `${id}/${yield* randomText(9)}`
    yield* create(
      store,
      to,
      (toRemoved) =>
        copyOf(entries.slice(0, at), { from: { id, removed }, to: { id: to, removed: toRemoved }, outputs })
    )
    return { id: to, at }
  })

/** Where the entries end that saw no output of these calls. */
const endFor = (entries: ReadonlyArray<Entry>, { turns }: Places, calls: ReadonlyArray<string>): number =>
  calls.reduce((end, callId) => {
    const turn = turns.get(callId)
    if (turn === undefined) return end
    const next = entries.findIndex((entry, index) => index > turn && sees(entry, callId))
    return next === -1 ? end : Math.min(end, next)
  }, entries.length)

/** Whether what an entry holds was made of the outputs before. */
const sees = (entry: Entry, callId: string): boolean =>
  entry._tag === "turn" || entry._tag === "input" && entry.messages?.includes(callId) === true ||
  entry._tag === "compacted" && entry.record.items !== undefined
