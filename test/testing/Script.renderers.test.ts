import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as ChatProtocol from "../../src/response/chatProtocol.js"
import * as MessagesProtocol from "../../src/response/messagesProtocol.js"
import { readResponse } from "../../src/response/readResponse.js"
import * as ResponsesProtocol from "../../src/response/responsesProtocol.js"
import { ChatResult, ChatStreamChunk } from "../../src/schema/Chat.js"
import { issues } from "../../src/schema/guard.js"
import { MessagesResult } from "../../src/schema/Messages.js"
import { MessagesStreamEvents } from "../../src/schema/MessagesEvents.js"
import { OpenResponsesResult } from "../../src/schema/Responses.js"
import { StreamEvents } from "../../src/schema/ResponsesEvents.js"
import * as EventStream from "../../src/stream/EventStream.js"
import type * as Script from "../../src/testing/Script.js"
import { answers, drain, meaning, payloads, render, respond } from "./scripts.js"

interface Api<Event, Result> {
  readonly name: "chat" | "responses" | "messages"
  readonly event: Schema.Schema<Event>
  readonly result: Schema.Schema<Result>
  readonly protocol: EventStream.Protocol<Event, Result>
}

const chat: Api<ChatStreamChunk, ChatResult> = {
  name: "chat",
  event: ChatStreamChunk,
  result: ChatResult,
  protocol: ChatProtocol.protocol
}
const responses: Api<StreamEvents, OpenResponsesResult> = {
  name: "responses",
  event: StreamEvents,
  result: OpenResponsesResult,
  protocol: ResponsesProtocol.protocol
}
const messages: Api<MessagesStreamEvents, MessagesResult> = {
  name: "messages",
  event: MessagesStreamEvents,
  result: MessagesResult,
  protocol: MessagesProtocol.protocol
}

const contentOf = (script: Script.ModelResponse, api: "chat" | "responses" | "messages") => {
  const { reasoning, refusal, text, toolCalls } = meaning(script)
  // Anthropic's format has no refusals: they are text there
  const textAndRefusals = script.parts.flatMap((part) =>
    part._tag === "Text" || part._tag === "Refusal" ? part.deltas : []
  )
  return api === "messages"
    ? { text: textAndRefusals.join(""), reasoning, toolCalls }
    : { text, refusal, reasoning, toolCalls }
}

const suite = <Event, Result>(api: Api<Event, Result>) =>
  describe(`${api.name}`, () => {
    it.effect.prop("every event fits the schema of the API", [answers], ([script]) =>
      Effect.gen(function*() {
        const body = yield* render(script, api.name, true)
        for (const event of payloads(body)) assert.deepStrictEqual(issues(api.event, event), [])
      }))

    it.effect.prop("the response without a stream fits the schema of the API", [answers], ([script]) =>
      Effect.gen(function*() {
        const body = yield* render(script, api.name, false)
        assert.deepStrictEqual(issues(api.result, JSON.parse(body.text)), [])
      }))

    it.effect.prop("both have the text, the reasoning and the tool calls of the script", [answers], ([script]) =>
      Effect.gen(function*() {
        const plan = yield* respond(script, api.name, true)
        const { chunks } = drain(plan.body)
        const streamed = yield* EventStream.accumulate(
          EventStream.decode(api.protocol, api.event, { documented: [] })(Stream.fromIterable(chunks)),
          api.protocol
        )
        const whole: unknown = JSON.parse((yield* render(script, api.name, false)).text)
        for (const result of [streamed, whole]) {
          const answer = readResponse(result)
          const { refusal = "", ...expected } = contentOf(script, api.name)
          assert.deepStrictEqual(
            {
              text: answer.text,
              reasoning: answer.reasoning,
              toolCalls: answer.toolCalls.map((call) => ({ name: call.name, arguments: call.arguments }))
            },
            { ...expected, toolCalls: api.name === "messages" ? reparsed(expected.toolCalls) : expected.toolCalls }
          )
          assert.strictEqual(refusalsIn(result), refusal)
          if (script.usage === null) {
            continue
          }
          assert.strictEqual(answer.cost, script.cost)
          assert.strictEqual(answer.inputTokens, script.usage?.inputTokens)
          assert.strictEqual(answer.outputTokens, script.usage?.outputTokens)
        }
      }))
  })

const refusalsIn = (value: unknown): string =>
  typeof value !== "object" || value === null
    ? ""
    : Object.entries(value).map(([key, inner]) =>
      key === "refusal" && typeof inner === "string" ? inner : refusalsIn(inner)
    )
      .join("")

/** Anthropic's format holds the arguments parsed. */
const reparsed = (calls: ReadonlyArray<{ readonly name: string; readonly arguments: string }>) =>
  calls.map((call) => ({ ...call, arguments: JSON.stringify(JSON.parse(call.arguments)) }))

suite(chat)
suite(responses)
suite(messages)
