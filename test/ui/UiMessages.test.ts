/** What messages of a browser say to a run, whatever they have. */
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as UiMessages from "../../src/ui/UiMessages.js"

const user = (...parts: ReadonlyArray<UiMessages.ReceivedPart>) => ({ role: "user", parts })
const assistant = (...parts: ReadonlyArray<UiMessages.ReceivedPart>) => ({ role: "assistant", parts })

describe("the last message", () => {
  it("has the words, images and files of the user", () => {
    const { input } = UiMessages.lastOf([
      user({ type: "text", text: "old" }),
      user(
        { type: "text", text: "new" },
        { type: "file", mediaType: "image/png", url: "https://e.org/a.png" },
        { type: "file", mediaType: "application/pdf", url: "data:application/pdf;base64,AA==", filename: "a.pdf" },
        { type: "file", mediaType: "text/plain", url: "https://e.org/a.txt" },
        { type: "data-own", data: 1 }
      )
    ])
    assert.deepStrictEqual(input, [{
      type: "message",
      role: "user",
      content: [
        { type: "input_text", text: "new" },
        { type: "input_image", image_url: "https://e.org/a.png", detail: "auto" },
        { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,AA==" },
        { type: "input_file", filename: "file", file_url: "https://e.org/a.txt" }
      ]
    }])
  })

  it("has decisions and answers, and nothing that the server has said", () => {
    const part = (toolCallId: string, state: string, more: object = {}) => ({
      type: "tool-pay",
      toolCallId,
      state,
      input: {},
      ...more
    })
    const ask = UiMessages.lastOf([
      assistant(
        { type: "text", text: "said by the model" },
        part("yes", "approval-responded", { approval: { id: "yes", approved: true } }),
        part("no", "approval-responded", { approval: { id: "no", approved: false, reason: "too dear" } }),
        part("unclear", "approval-responded", { approval: { id: "unclear" } }),
        part("asked", "approval-requested", { approval: { id: "asked" } }),
        part("answered", "output-available", { output: { color: "blue" } }),
        part("going on", "output-available", { output: 1, preliminary: true }),
        part("of the server", "output-available", { output: 1, providerExecuted: true }),
        part("failed", "output-error", { errorText: "no" })
      )
    ])
    assert.deepStrictEqual(ask, {
      approve: ["yes"],
      reject: [{ callId: "no", reason: "too dear" }],
      answer: { answered: { color: "blue" } }
    })
  })

  it("may have any JSON", () => {
    FastCheck.assert(FastCheck.property(FastCheck.jsonValue(), FastCheck.jsonValue(), (a, b) => {
      const parts = [a, b].map((value) => ({ ...(typeof value === "object" ? value : { value }), type: "tool-x" }))
      for (const role of ["user", "assistant", "system", "other"]) {
        UiMessages.lastOf([{ role, parts }])
        UiMessages.historyOf([{ role, parts }])
      }
    }))
  })
})

describe("all messages", () => {
  it("are the history of a run, with each call and its output", () => {
    const call = (toolCallId: string, state: string, more: object = {}) => ({
      type: "tool-look",
      toolCallId,
      state,
      input: { at: "home" },
      ...more
    })
    const history = UiMessages.historyOf([
      { role: "system", parts: [{ type: "text", text: "Be brief." }] },
      user({ type: "text", text: "Look" }),
      assistant(
        { type: "step-start" },
        { type: "reasoning", text: "hm" },
        { type: "text", text: "I look." },
        call("1", "output-available", { output: { seen: true } }),
        call("2", "output-error", { errorText: "It is dark." }),
        {
          ...call("3", "output-denied", { approval: { id: "3", approved: false } }),
          type: "dynamic-tool",
          toolName: "pay"
        },
        call("4", "approval-requested"),
        { type: "step-start" },
        { type: "text", text: "Done." }
      )
    ])
    const called = (id: string, name = "look") => ({
      type: "function_call",
      call_id: id,
      name,
      arguments: "{\"at\":\"home\"}"
    })
    const output = (id: string, text: string) => ({ type: "function_call_output", call_id: id, output: text })
    assert.deepStrictEqual<unknown>(history, [
      { type: "message", role: "system", content: "Be brief." },
      { type: "message", role: "user", content: [{ type: "input_text", text: "Look" }] },
      { type: "message", role: "assistant", content: "I look." },
      called("1"),
      called("2"),
      called("3", "pay"),
      output("1", "{\"seen\":true}"),
      output("2", "It is dark."),
      output("3", "The user rejected this call; it was not carried out."),
      { type: "message", role: "assistant", content: "Done." }
    ])
  })
})
