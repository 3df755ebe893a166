import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import * as Convert from "../../../src/agent/Convert.js"
import { ChatAssistantMessage } from "../../../src/schema/ChatContent.js"
import { ChatMessages } from "../../../src/schema/ChatRequest.js"
import { guard, issues } from "../../../src/schema/guard.js"
import { MessagesResult } from "../../../src/schema/Messages.js"
import { AnthropicTextBlockParam } from "../../../src/schema/MessagesBlocksRequest.js"
import { MessagesMessageParam } from "../../../src/schema/MessagesContentRequest.js"
import { MessagesRequest } from "../../../src/schema/MessagesRequest.js"
import type { OpenResponsesResult } from "../../../src/schema/Responses.js"
import { OutputItems } from "../../../src/schema/ResponsesItems.js"
import {
  EasyInputMessage,
  FunctionCallItem,
  FunctionCallOutputItem,
  InputItem,
  ReasoningItem,
  ReplayedMessageItem
} from "../../../src/schema/ResponsesItemsRequest.js"
import { arbitraryOf } from "../../support/effect/schemas.js"
import { chatConversation, claudeConversation } from "../support/conversations.js"
import { assertNothingVanishes, assertPlaces, marked } from "../support/leaves.js"

const Chat = Schema.Array(ChatMessages)
const Items = Schema.Array(InputItem)
const Claude = Schema.Array(MessagesMessageParam)
const Instructions = Schema.Union(Schema.String, Schema.Array(AnthropicTextBlockParam))
const Prompt = Schema.Struct({ messages: Claude, system: Schema.optional(Instructions) })

const assertDecodes = <A>(schema: Schema.Schema<A>, value: unknown) => assert.deepStrictEqual(issues(schema, value), [])

const assertPrompt = (prompt: Convert.ClaudePrompt) =>
  assertDecodes(MessagesRequest, { model: "anthropic/claude-sonnet-4.5", ...prompt })

/** A round trip through JSON. */
const sent = <A>(schema: Schema.Schema<A>, value: A): A => {
  const copy: unknown = JSON.parse(JSON.stringify(value))
  assertDecodes(schema, copy)
  return guard(schema)(copy) ? copy : value
}

describe("content that a format can express survives a round trip", () => {
  it("chat messages through items", () => {
    FastCheck.assert(
      FastCheck.property(chatConversation, (drawn) => {
        const messages = sent(Chat, drawn)
        const items = Convert.fromChatMessages(messages)
        assert.deepStrictEqual(items.unsupported, [])
        assertDecodes(Items, items.value)
        const again = Convert.toChatMessages(sent(Items, items.value))
        assert.deepStrictEqual(again.unsupported, [])
        assert.deepStrictEqual(again.value, messages)
      }),
      { numRuns: 500 }
    )
  })

  it("Anthropic messages through items", () => {
    FastCheck.assert(
      FastCheck.property(claudeConversation, (prompt) => {
        assertPrompt(prompt)
        const items = Convert.fromClaudeMessages(prompt)
        assert.deepStrictEqual(items.unsupported, [])
        assertDecodes(Items, items.value)
        const again = Convert.toClaudeMessages(sent(Items, items.value))
        assert.deepStrictEqual(again.unsupported, [])
        assert.deepStrictEqual(again.value, prompt)
      }),
      { numRuns: 500 }
    )
  })

  it("items made from messages, whose ids are the same each time", () => {
    FastCheck.assert(FastCheck.property(chatConversation, (messages) => {
      const items = Convert.fromChatMessages(messages).value
      assert.deepStrictEqual(Convert.fromChatMessages(Convert.toChatMessages(items).value).value, items)
      const ids = items.flatMap((item) => "id" in item ? [item.id] : [])
      assert.strictEqual(new Set(ids).size, ids.length)
    }))
  })
})

/** Values that a schema allows, in which each string and number is unique. */
const anyOf = <A>(schema: Schema.Schema<A>): FastCheck.Arbitrary<A> =>
  arbitraryOf(schema).map(marked).filter(guard(schema))

describe("every field is converted or reported", () => {
  /** Items that a model can receive, and other items; the former more often than their number of types. */
  const item = FastCheck.oneof(
    anyOf(EasyInputMessage),
    anyOf(ReplayedMessageItem),
    anyOf(ReasoningItem),
    anyOf(FunctionCallItem),
    anyOf(FunctionCallOutputItem),
    anyOf(InputItem),
    anyOf(OutputItems)
  )

  it("from chat messages", () => {
    FastCheck.assert(
      FastCheck.property(anyOf(Chat), (messages) => {
        const items = Convert.fromChatMessages(messages)
        assertNothingVanishes(messages, items)
        assertPlaces(messages, items.unsupported)
        assertDecodes(Items, items.value)
        const prompt = Convert.chatToClaude(messages)
        assertNothingVanishes(messages, prompt)
        assertPlaces(messages, prompt.unsupported)
        assertPrompt(prompt.value)
      }),
      { numRuns: 300 }
    )
  })

  it("from Anthropic messages", () => {
    FastCheck.assert(
      FastCheck.property(anyOf(Prompt), (prompt) => {
        const items = Convert.fromClaudeMessages(prompt)
        assertNothingVanishes(prompt, items)
        assertPlaces(prompt, items.unsupported)
        assertDecodes(Items, items.value)
        const chat = Convert.claudeToChat(prompt)
        assertNothingVanishes(prompt, chat)
        assertPlaces(prompt, chat.unsupported)
        assertDecodes(Chat, chat.value)
      }),
      { numRuns: 300 }
    )
  })

  it("from items", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.array(item, { maxLength: 5 }).map(marked).filter(guard(Items)), (items) => {
        const chat = Convert.toChatMessages(items)
        assertNothingVanishes(items, chat)
        assertPlaces(items, chat.unsupported)
        assertDecodes(Chat, chat.value)
        const prompt = Convert.toClaudeMessages(items)
        assertNothingVanishes(items, prompt)
        assertPlaces(items, prompt.unsupported)
        assertPrompt(prompt.value)
      }),
      { numRuns: 300 }
    )
  })

  it("from a response", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.array(anyOf(OutputItems), { maxLength: 4 }), (output) => {
        const response: OpenResponsesResult = { id: "gen-1", model: "m", output }
        const message = Convert.toChatMessage(response)
        assertNothingVanishes(output, message)
        assertPlaces(response, message.unsupported)
        assertDecodes(ChatAssistantMessage, message.value)
        const reply = Convert.toClaudeMessage(response)
        assertNothingVanishes(output, reply)
        assertPlaces(response, reply.unsupported)
        assertDecodes(MessagesResult, reply.value)
      }),
      { numRuns: 300 }
    )
  })
})
