import { assert, describe, it } from "@effect/vitest"
import * as ChatProtocol from "../../src/response/chatProtocol.js"
import * as CompletionsProtocol from "../../src/response/completionsProtocol.js"
import * as ImagesProtocol from "../../src/response/imagesProtocol.js"
import * as InternsProtocol from "../../src/response/internsProtocol.js"
import * as MessagesProtocol from "../../src/response/messagesProtocol.js"
import type { Protocol } from "../../src/response/protocol.js"
import * as ResponsesProtocol from "../../src/response/responsesProtocol.js"
import { issues } from "../../src/schema/guard.js"
import { StreamEvents } from "../../src/schema/ResponsesEvents.js"
import { addUp, usage } from "../support/events.js"
import { wholeResults } from "./support/results.js"

const joined = <Event>(events: ReadonlyArray<Event> | undefined, delta: (event: Event) => string): string =>
  (events ?? []).map(delta).join("")

const { chat, completion, images, message, response } = wholeResults

describe("a whole response as events", () => {
  const adds = <Event, Result>(protocol: Protocol<Event, Result>, whole: unknown) => () => {
    const events = protocol.eventsOf?.(whole)
    assert.isDefined(events)
    const accumulated = addUp(protocol, events ?? [])
    assert.deepStrictEqual<unknown>(accumulated.result, whole)
  }

  it("adds up to itself: a chat completion", adds(ChatProtocol.protocol, chat))
  it("adds up to itself: a text completion", adds(CompletionsProtocol.protocol, completion))
  it("adds up to itself: a response", adds(ResponsesProtocol.protocol, response))
  it("adds up to itself: a message", adds(MessagesProtocol.protocol, message))
  it("adds up to itself: images", adds(ImagesProtocol.protocol, images))
  it("adds up to itself: the reply of an intern", adds(InternsProtocol.protocol, { ...chat, session_id: "s1" }))
  it("adds up to itself: a message to a turn of an intern that runs", () => {
    const steered = { session_id: "s1", status: "steered" }
    assert.deepStrictEqual<unknown>(InternsProtocol.protocol.eventsOf?.(steered), [steered])
  })

  it("has the pieces of its text and of its reasoning", () => {
    const { protocol: chats } = ChatProtocol
    const { protocol: messages } = MessagesProtocol
    const { protocol: responses } = ResponsesProtocol
    assert.deepStrictEqual([
      joined(chats.eventsOf?.(chat), ChatProtocol.textDelta),
      joined(chats.eventsOf?.(chat), ChatProtocol.reasoningDelta),
      joined(CompletionsProtocol.protocol.eventsOf?.(completion), CompletionsProtocol.textDelta),
      joined(messages.eventsOf?.(message), MessagesProtocol.textDelta),
      joined(messages.eventsOf?.(message), MessagesProtocol.reasoningDelta),
      joined(responses.eventsOf?.(response), ResponsesProtocol.textDelta),
      joined(responses.eventsOf?.(response), ResponsesProtocol.reasoningDelta)
    ], ["Once upon", "Hm", "Once upon", "Once upon", "Hm", "Once upon", "Hm, so"])
  })

  it("has only events that their schema describes", () => {
    const events = ResponsesProtocol.protocol.eventsOf?.(response) ?? []
    assert.deepStrictEqual(events.flatMap((event) => issues(StreamEvents, event)), [])
    assert.deepStrictEqual(events.map(({ type }) => type), [
      "response.created",
      "response.output_item.added",
      "response.reasoning_summary_text.delta",
      "response.reasoning_text.delta",
      "response.output_item.done",
      "response.output_item.added",
      "response.output_text.delta",
      "response.output_item.done",
      "response.output_item.added",
      "response.function_call_arguments.delta",
      "response.function_call_arguments.done",
      "response.output_item.done",
      "response.completed"
    ])
  })

  it("is undefined for what is no whole response", () => {
    const bodies: ReadonlyArray<unknown> = [undefined, null, "text", [], {}, { id: "gen-1", usage }, {
      ...response,
      status: "in_progress"
    }, { error: { code: 502, message: "x" } }]
    for (const body of bodies) {
      for (
        const protocol of [
          ChatProtocol.protocol,
          CompletionsProtocol.protocol,
          ImagesProtocol.protocol,
          InternsProtocol.protocol,
          MessagesProtocol.protocol,
          ResponsesProtocol.protocol
        ]
      ) {
        assert.isUndefined(protocol.eventsOf?.(body), `${protocol.name}: ${JSON.stringify(body)}`)
      }
    }
  })
})
