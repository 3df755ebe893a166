/** The messages that were said to a conversation, and that no turn has seen so far. */
import * as Effect from "effect/Effect"
import { InvalidRequestError } from "../../../http/OpenRouterError.js"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import { isPrompt } from "../state/waiting.js"
import type { Entry } from "./entry.js"

/**
 * A message that waits for a run. An `urgent` one interrupts the request that is on its way.
 *
 * @since 0.1.0
 * @category models
 */
export interface Message {
  readonly id: string
  readonly items: ReadonlyArray<InputItem>
  readonly urgent: boolean
}

/**
 * The items of a message.
 *
 * @internal
 */
export const messageOf = (
  input: string | ReadonlyArray<InputItem>
): Effect.Effect<ReadonlyArray<InputItem>, InvalidRequestError> => {
  if (typeof input === "string") return Effect.succeed([{ role: "user", content: input }])
  const other = input.findIndex((item) => !isPrompt(item))
  return other === -1 && input.length > 0 ? Effect.succeed(input) : Effect.fail(
    new InvalidRequestError({
      parameter: "input",
      message: input.length === 0
        ? "conversation: nothing was said, because the input is empty."
        : `conversation: nothing was said, because the item ${other} of the input is no message of a user, a developer or ` +
          "the system. Give outputs and approvals to the run that needs them."
    })
  )
}

/**
 * The messages that wait, in their order, while a log grows.
 *
 * @internal
 */
export class Inbox {
  private readonly messages = new Map<string, Message>()

  constructor(entries: ReadonlyArray<Entry>) {
    this.read(entries)
  }

  read(entries: ReadonlyArray<Entry>): void {
    for (const entry of entries) {
      if (entry._tag === "inbox") {
        this.messages.set(entry.id, { id: entry.id, items: entry.items, urgent: entry.urgent === true })
      }
      if (entry._tag !== "input") continue
      for (const id of entry.messages ?? []) this.messages.delete(id)
    }
  }

  get waiting(): ReadonlyArray<Message> {
    return [...this.messages.values()]
  }
}
