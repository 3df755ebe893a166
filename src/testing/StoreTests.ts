/**
 * Tests for a store of conversations: what the layers of `Conversation` keep, and what a store of your own has to keep. They
 * are effects, for any test framework.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { Conversation, type ConversationError } from "../agent/Conversation.js"
import { appendTests } from "./internal/storeTests/appends.js"
import { removalTests } from "./internal/storeTests/removals.js"
import type { StoreTest, StoreTestError } from "./internal/storeTests/storeTest.js"

export { StoreTestError } from "./internal/storeTests/storeTest.js"

/**
 * One test. It fails with `StoreTestError` if the store does not keep what the name says.
 *
 * @since 0.1.0
 * @category models
 */
export interface Test {
  readonly name: string
  readonly effect: Effect.Effect<void, StoreTestError | ConversationError, Conversation>
}

/**
 * The tests of a store. They may run in any order, also at the same time, and in a database that holds other
 * conversations: each uses ids of its own. With `without`, the tests of optional functions that the store does not have are
 * left out.
 *
 * What they cannot test: that several processes exclude each other, and that an append is there after a crash.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Effect, type Layer } from "effect"
 * import type { Conversation } from "effect-openrouter"
 * import { StoreTests } from "effect-openrouter/testing"
 *
 * declare const MyStore: Layer.Layer<Conversation.Conversation>
 * declare const it: (name: string, test: () => Promise<void>) => void
 *
 * for (const { effect, name } of StoreTests.make()) {
 *   it(name, () => Effect.runPromise(Effect.provide(effect, MyStore)))
 * }
 * ```
 */
export const make = (
  options: { readonly without?: ReadonlyArray<"list" | "remove"> | undefined } = {}
): ReadonlyArray<Test> =>
  [...appendTests, ...removalTests]
    .filter(({ needs = [] }) => needs.every((need) => options.without?.includes(need) !== true))
    .map(({ name, run }: StoreTest) => ({ name, effect: Effect.flatMap(Conversation, run) }))
