/** The messages that were said to a conversation, and that no turn has seen so far. */
import * as Effect from "effect/Effect"
import { InvalidRequestError } from "../../../http/OpenRouterError.js"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import type { ToolRecord } from "../run.js"
import { isSettled, isStarted, messageOfResult } from "../state/background.js"
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
  /** The call whose result it is, if the call went on in the background. */
  readonly callId?: string | undefined
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
        ? "conversation: nothing was said, because the input is empty. Give a text, or at least one message."
        : `conversation: nothing was said, because the item ${other} of the input is no message of a user, a developer or ` +
          "the system. Give outputs and approvals to the run that needs them."
    })
  )
}

/**
 * The result of a call that was left in the background.
 *
 * @internal
 */
export const resultMessage = (record: ToolRecord): Message => ({
  id: record.callId,
  items: messageOfResult(record),
  urgent: false,
  callId: record.callId
})

/**
 * The calls in the background that have begun and not ended, by their ids.
 *
 * @internal
 */
export const leftIn = (entries: ReadonlyArray<Entry>): ReadonlyMap<string, ToolRecord> => {
  const left = new Map<string, ToolRecord>()
  for (const entry of entries) {
    if (entry._tag !== "tool") continue
    if (isStarted(entry.record)) left.set(entry.record.callId, entry.record)
    else left.delete(entry.record.callId)
  }
  return left
}

/**
 * The messages that wait, in their order, and the calls that are to be cancelled, while a log grows.
 *
 * @internal
 */
export class Inbox {
  private readonly messages = new Map<string, Message>()
  readonly cancelled = new Set<string>()

  constructor(entries: ReadonlyArray<Entry>) {
    this.read(entries)
  }

  read(entries: ReadonlyArray<Entry>): void {
    for (const entry of entries) {
      switch (entry._tag) {
        case "inbox":
          this.add({ id: entry.id, items: entry.items, urgent: entry.urgent === true })
          break
        case "tool":
          if (isSettled(entry.record)) this.add(resultMessage(entry.record))
          break
        case "cancel":
          this.cancelled.add(entry.callId)
          break
        case "input":
          for (const id of entry.messages ?? []) this.messages.delete(id)
      }
    }
  }

  get waiting(): ReadonlyArray<Message> {
    return [...this.messages.values()]
  }

  private add(message: Message): void {
    this.messages.set(message.id, message)
  }
}
