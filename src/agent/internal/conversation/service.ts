/** The service of stored conversations. */
import * as Context from "effect/Context"
import type { Store } from "./entry.js"

/**
 * The store of conversations.
 *
 * @since 0.1.0
 * @category context
 */
export class Conversation extends Context.Tag("effect-openrouter/agent/Conversation")<Conversation, Store>() {}
