import { assert, describe, it } from "@effect/vitest"
import { sendable } from "../../../src/agent/internal/sendable/sendable.js"
import type { InputItem } from "../../../src/schema/ResponsesItemsRequest.js"

const user: InputItem = { role: "user", content: "Go!" }

const call: InputItem = { type: "function_call", call_id: "c", name: "read", arguments: "{}" }

const output: InputItem = { type: "function_call_output", call_id: "c", output: "done" }

const openai: InputItem = {
  type: "reasoning",
  id: "rs_1",
  summary: [{ type: "summary_text", text: "Hm" }],
  encrypted_content: "gAAAA",
  format: "openai-responses-v1"
}

const claude: InputItem = {
  type: "reasoning",
  id: "rs_2",
  summary: [],
  content: [{ type: "reasoning_text", text: "Hm" }],
  signature: "EqQB",
  format: "anthropic-claude-v1"
}

const reasoningFor = (model: string | undefined, ...reasoning: ReadonlyArray<InputItem>) =>
  sendable([user, ...reasoning, call, output], model === undefined ? {} : { model }).filter(({ type }) =>
    type === "reasoning"
  )

describe("reasoning", () => {
  it("goes to models of its author, whole, and to models whose author is not known", () => {
    for (const model of ["openai/gpt-5", "openai/gpt-5@preset/mine", "~openai/gpt-latest"]) {
      assert.deepStrictEqual(reasoningFor(model, openai, claude), [openai])
    }
    assert.deepStrictEqual(reasoningFor("anthropic/claude-sonnet-4.5", openai, claude), [claude])
    assert.deepStrictEqual(reasoningFor("deepseek/deepseek-v4", openai, claude), [])
    for (const model of ["openrouter/auto", "@preset/mine", "new/model", undefined]) {
      assert.deepStrictEqual(reasoningFor(model, openai, claude), [openai, claude])
    }
  })

  it("goes to every author that may respond", () => {
    const models = ["anthropic/claude-sonnet-4.5", "openai/gpt-5"]
    const sent = sendable([user, openai, claude, call, output], { models })
    assert.deepStrictEqual(sent, [user, openai, claude, call, output])
  })

  it("is left out where only its id is there", () => {
    for (
      const rest of [{}, { content: [] }, { encrypted_content: "" }, { summary: [{ type: "summary_text", text: " " }] }]
    ) {
      const bare = { type: "reasoning", id: "rs_3", summary: [], ...rest } as const
      assert.deepStrictEqual(reasoningFor("new/model", bare), [])
    }
  })

  it("stands before the call of its turn, and alone it is not sent", () => {
    const sent = sendable([user, call, openai, output, claude, user], {})
    assert.deepStrictEqual(sent, [user, openai, call, output, user])
  })

  it("has the id of the call that it signs", () => {
    const signing: InputItem = {
      type: "reasoning",
      id: "look:1",
      summary: [],
      encrypted_content: "x",
      format: "google-gemini-v1"
    }
    const sent = sendable([
      user,
      signing,
      { type: "function_call", call_id: "look:1", name: "look", arguments: "{}" },
      { type: "function_call_output", call_id: "look:1", output: "seen" }
    ], { model: "google/gemini-3-flash-preview" })
    assert.deepStrictEqual(sent.map((item) => Reflect.get(item, item.type === "reasoning" ? "id" : "call_id")), [
      undefined,
      "look_1",
      "look_1",
      "look_1"
    ])
  })
})

describe("a history that is right", () => {
  it("is sent as the same objects", () => {
    const history = [user, openai, call, output]
    const sent = sendable(history, { model: "openai/gpt-5" })
    assert.isTrue(sent.every((item, index) => item === history[index]))
  })

  it("keeps the ids of Kimi's calls for Kimi", () => {
    const history: ReadonlyArray<InputItem> = [
      user,
      { type: "function_call", call_id: "functions.read:0", name: "read", arguments: "{}" },
      { type: "function_call_output", call_id: "functions.read:0", output: "done" }
    ]
    assert.deepStrictEqual(sendable(history, { model: "moonshotai/kimi-k2.5" }), history)
  })
})
