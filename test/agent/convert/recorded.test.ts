/** Messages recorded from the real API, in requests and in responses. */
import { assert, describe, it } from "@effect/vitest"
import { needing, traffic } from "../../../scripts/fixtures/fixtures.js"
import * as Convert from "../../../src/agent/Convert.js"
import { isObject, parseJson } from "../../../src/internal/json.js"
import { ChatAssistantMessage } from "../../../src/schema/ChatContent.js"
import { guard } from "../../../src/schema/guard.js"
import { OpenResponsesResult } from "../../../src/schema/Responses.js"
import { exchanges } from "../../recorded/support/traffic.js"

const objectsIn = (value: unknown): ReadonlyArray<unknown> => {
  if (Array.isArray(value)) return value.flatMap(objectsIn)
  return isObject(value) ? [value, ...Object.values(value).flatMap(objectsIn)] : []
}

const isMessage = guard(ChatAssistantMessage)
const isResponse = guard(OpenResponsesResult)

const parsed = (text: string): ReadonlyArray<unknown> => {
  try {
    return [JSON.parse(text)]
  } catch {
    return []
  }
}

const bodies = exchanges.flatMap(({ body, request }) => [
  request,
  ...new TextDecoder().decode(body).split("\n").flatMap((line) => parsed(line.replace(/^data: /, ""))),
  ...parsed(new TextDecoder().decode(body))
])

const objects = bodies.flatMap(objectsIn)

/** A string and a single text part are equal. */
const textOf = (content: unknown): string =>
  typeof content === "string"
    ? content
    : objectsIn(content).map((part) => isObject(part) ? String(part["text"] ?? "") : "").join("")

describe.skipIf(!traffic.isPresent)(needing("recorded messages", traffic), () => {
  it("of the assistant: reasoning, texts and calls survive a round trip byte for byte", () => {
    const messages = objects.filter(isMessage).filter((message) =>
      message.content !== undefined && !("type" in message)
    )
    assert.isAbove(messages.length, 100)
    assert.isAbove(messages.filter(({ reasoning_details }) => (reasoning_details ?? []).length > 0).length, 40)
    for (const message of messages) {
      const items = Convert.fromChatMessages([message])
      const [again] = Convert.toChatMessages(items.value).value
      const details = message.reasoning_details ?? []
      assert.deepStrictEqual(Reflect.get(again ?? {}, "reasoning_details") ?? [], details)
      const isEmptied = Array.isArray(message.reasoning_details) && details.length === 0
      assert.strictEqual(items.unsupported.some(({ path }) => path === "0.reasoning_details"), isEmptied)
      const calls = (message.tool_calls ?? []).map((
        { function: { arguments: input, name }, id }
      ) => [id.replaceAll(/[.:]/g, "_"), name, isObject(parseJson(input ?? "")?.value) ? input : "{}"])
      const callsAgain = again?.role === "assistant" ? again.tool_calls ?? [] : []
      assert.deepStrictEqual(
        callsAgain.map(({ function: { arguments: input, name }, id }) => [id, name, input]),
        calls
      )
      const mended = (message.tool_calls ?? []).some(({ id }) => /[.:]/.test(id))
      assert.strictEqual(items.unsupported.some(({ loss }) => loss === "form"), mended)
      const said = textOf(message.content)
      assert.strictEqual(textOf(again?.content), said.trim() === "" ? "" : said)
    }
  })

  it("of the Responses API: only labels are lost in chat", () => {
    const responses = objects.filter(isResponse).filter(({ output }) => output.length > 0)
    assert.isAbove(responses.length, 10)
    for (const response of responses) {
      const message = Convert.toChatMessage(response)
      assert.deepStrictEqual(message.unsupported.filter(({ loss }) => loss !== "label" && loss !== "setting"), [])
    }
  })
})
