import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as ChatProtocol from "../../src/response/chatProtocol.js"
import { tolerantEvent } from "../../src/response/tolerant.js"
import { ChatResult, ChatStreamChunk } from "../../src/schema/Chat.js"
import { issues } from "../../src/schema/guard.js"
import { addUp, chunk, cut, finishChunk, positions, textChunk, usage } from "../support/events.js"

const added = (...chunks: ReadonlyArray<unknown>) => addUp(ChatProtocol.protocol, chunks)

const messageOf = (...chunks: ReadonlyArray<unknown>) => added(...chunks, finishChunk).result?.choices[0]?.message

const call = (index: number, id?: string | null, name?: string | null, args?: string | null, type?: string) =>
  chunk({ content: null, tool_calls: [{ index, id, type, function: { name, arguments: args } }] })

const details = (...reasoning_details: ReadonlyArray<object>) => chunk({ content: "", reasoning_details })

const signed = "anthropic-claude-v1"

describe("ChatProtocol", () => {
  it("keeps what a whole message repeats behind its pieces once, as it came and as it was read", () => {
    const tool_calls = [{ index: 0, id: "c1", type: "function", function: { name: "look", arguments: "{\"a\":1}" } }]
    const pieces = [
      { content: "Hel" },
      { content: "lo" },
      { reasoning: "Hm" },
      { reasoning: "m" },
      { refusal: "No" },
      { tool_calls }
    ]
    const all = { content: "Hello", reasoning: "Hmm", refusal: "No", tool_calls }
    const wholes = [all, ...Object.entries(all).map(([field, value]) => ({ [field]: value }))]
    const once = messageOf(...pieces.map((piece) => chunk(piece)))
    for (const message of wholes) {
      const whole = { id: "gen-1", choices: [{ index: 0, finish_reason: "stop", message }] }
      for (const last of [whole, tolerantEvent(whole)]) {
        assert.deepStrictEqual(messageOf(...pieces.map((piece) => chunk(piece)), last), once, JSON.stringify(message))
        assert.deepInclude(messageOf(last), message)
      }
    }
    assert.strictEqual(messageOf(chunk({ content: "ha" }), chunk({ content: "ha" }))?.content, "haha")
  })

  it("adds chunks up to the completion without streaming", () => {
    const { result } = added(
      chunk({ content: "Hel", reasoning: null }),
      chunk({ content: "lo" }, null, { system_fingerprint: "fp" }),
      chunk({ content: "" }, "stop"),
      chunk({ content: "" }, null, { usage, service_tier: "default", system_fingerprint: null })
    )
    assert.deepStrictEqual<unknown>(result, {
      id: "gen-1",
      provider: "Test",
      model: "test/model",
      object: "chat.completion",
      created: 1700000000,
      system_fingerprint: "fp",
      service_tier: "default",
      usage,
      choices: [{
        index: 0,
        finish_reason: "stop",
        native_finish_reason: "stop",
        message: { role: "assistant", content: "Hello", reasoning: null }
      }]
    })
  })

  it("52: reads the usage in each of its forms", () => {
    const shapes = [
      chunk({ content: "" }, null, { usage }),
      chunk({ content: "" }, "stop", { usage, service_tier: null }),
      { ...chunk({}), choices: [], usage }
    ]
    for (const last of shapes) {
      const { partial, result } = added(textChunk("a"), finishChunk, last)
      assert.deepStrictEqual([result?.usage, result?.choices[0]?.finish_reason], [usage, "stop"])
      assert.include({ ...partial }, { finishReason: "stop", inputTokens: 7, outputTokens: 3, cost: 0.5 })
    }
  })

  it("has no result before a finish reason or the usage, but always a partial response", () => {
    const unfinished = added(textChunk("a"), call(0, "call_1", "look", "{\"a\":"))
    assert.isUndefined(unfinished.result)
    assert.include({ ...unfinished.partial }, { text: "a", generationId: "gen-1", model: "test/model" })
    assert.deepStrictEqual(unfinished.partial.toolCalls, [{ id: "call_1", name: "look", arguments: "{\"a\":" }])
    const empty = added(chunk({ content: "" }, null, { usage }))
    assert.deepStrictEqual([empty.result?.choices[0]?.finish_reason, empty.result?.choices[0]?.message.content], [
      null,
      ""
    ])
  })

  it("keeps content that is null apart from content that is empty", () => {
    const content = (...contents: ReadonlyArray<string | null>) =>
      added(...contents.map((content) => chunk({ content })), chunk({ content: null }, "stop")).result?.choices[0]
        ?.message
        .content
    assert.deepStrictEqual([content(), content(null), content(null, ""), content("a", null)], [null, null, "", "a"])
  })

  it("53: merges the pieces of tool calls by index", () => {
    const message = messageOf(
      call(0, "call_a", "first", "", "function"),
      call(1, "call_b", "second", null, "function"),
      call(0, null, null, "{\"x\"", "function"),
      call(1, "", "", "{}", ""),
      call(0, undefined, undefined, ":1}"),
      call(0, "call_a", "first", " ")
    )
    assert.deepStrictEqual<unknown>(message?.tool_calls, [
      { index: 0, id: "call_a", type: "function", function: { name: "first", arguments: "{\"x\":1} " } },
      { index: 1, id: "call_b", type: "function", function: { name: "second", arguments: "{}" } }
    ])
  })

  it("53: starts another call at a new id beside a name, where a provider uses one index for all", () => {
    const message = messageOf(
      call(0, "call_a", "look", "{\"a\":1}"),
      call(0, "call_b", "look", "{\"b\""),
      call(0, null, null, ":2}")
    )
    assert.deepStrictEqual(message?.tool_calls?.map(({ function: { arguments: args }, id }) => [id, args]), [
      ["call_a", "{\"a\":1}"],
      ["call_b", "{\"b\":2}"]
    ])
  })

  it("keeps the text of a call that was cut off", () => {
    const { result } = added(call(0, "c", "look", "{\"city\":\"Par"), chunk({}, "tool_calls"))
    assert.strictEqual(result?.choices[0]?.message.tool_calls?.[0]?.function.arguments, "{\"city\":\"Par")
  })

  it("51: merges reasoning details by type and index, with a signature of its own or beside empty text", () => {
    const message = messageOf(
      details({ type: "reasoning.summary", summary: "Sum", format: "openai-responses-v1", index: 0 }),
      details({ type: "reasoning.encrypted", data: "AAA", id: "rs_1", format: "openai-responses-v1", index: 0 }),
      details({ type: "reasoning.text", text: "Let me ", format: null, index: 1 }),
      details({ type: "reasoning.summary", summary: "mary", format: "openai-responses-v1", index: 0 }),
      details({ type: "reasoning.text", text: "think", format: signed, index: 1 }),
      details({ type: "reasoning.text", text: "again", format: signed, index: 2 }),
      details({ type: "reasoning.text", signature: "Eq0E", format: signed, index: 1 }),
      details({ type: "reasoning.text", text: "", signature: "", format: signed, index: 1 }),
      details({ type: "reasoning.encrypted", data: "BBB", id: "rs_2", format: "openai-responses-v1", index: 0 })
    )
    assert.deepStrictEqual<unknown>(message?.reasoning_details, [
      { type: "reasoning.summary", summary: "Summary", format: "openai-responses-v1", index: 0 },
      { type: "reasoning.encrypted", data: "AAA", id: "rs_1", format: "openai-responses-v1", index: 0 },
      { type: "reasoning.text", text: "Let me think", format: signed, index: 1, signature: "Eq0E" },
      { type: "reasoning.text", text: "again", format: signed, index: 2 },
      { type: "reasoning.encrypted", data: "BBB", id: "rs_2", format: "openai-responses-v1", index: 0 }
    ])
  })

  it("keeps a text and a summary apart that share an index", () => {
    const message = messageOf(
      details({ type: "reasoning.summary", summary: "a", index: 0 }),
      details({ type: "reasoning.text", text: "x", index: 0 }),
      details({ type: "reasoning.summary", summary: "b", index: 0 }, { type: "reasoning.text", text: "y", index: 0 })
    )
    assert.deepStrictEqual<unknown>(message?.reasoning_details, [
      { type: "reasoning.summary", summary: "ab", index: 0 },
      { type: "reasoning.text", text: "xy", index: 0 }
    ])
  })

  it("keeps details of unknown types as they are, and adds no text for them", () => {
    const odd = { type: "reasoning.dream", image: [1, 2], index: 0 }
    const alone = { type: "reasoning.text", signature: "Eq0E", index: 1 }
    assert.deepStrictEqual<unknown>(messageOf(details(odd), details(odd, alone))?.reasoning_details, [odd, odd, alone])
  })

  it("51: keeps an empty list of details apart from none", () => {
    assert.deepStrictEqual(messageOf(details())?.reasoning_details, [])
    assert.notProperty(messageOf(textChunk("a")), "reasoning_details")
  })

  it("keeps refusals, annotations, citations, images and logprobs", () => {
    const citation = (url: string) => ({ type: "url_citation", url_citation: { url, start_index: 0, end_index: 0 } })
    const image = (data: string, index?: number) => ({ type: "image_url", image_url: { url: `data:,${data}` }, index })
    const token = (token: string) => ({ token, logprob: -1, bytes: null, top_logprobs: [] })
    const withLogprobs = (...tokens: ReadonlyArray<string>) => ({
      ...textChunk(""),
      choices: [{ index: 0, delta: {}, finish_reason: null, logprobs: { content: tokens.map(token), refusal: null } }]
    })
    const { result } = added(
      chunk({ content: "", refusal: "I ", annotations: [citation("https://a.example")] }, null, { citations: ["a"] }),
      chunk({ content: "", refusal: "won't", annotations: [citation("https://b.example")], images: [image("1", 0)] }),
      chunk({ content: "", images: [image("2", 1), image("1 better", 0), image("3")] }),
      withLogprobs("x", "y"),
      withLogprobs("z"),
      { ...textChunk(""), choices: [{ index: 0, delta: {}, finish_reason: null, logprobs: null }] },
      finishChunk
    )
    const choice = result?.choices[0]
    assert.deepStrictEqual<unknown>(choice?.message, {
      role: "assistant",
      content: "",
      refusal: "I won't",
      annotations: [citation("https://a.example"), citation("https://b.example")],
      images: [image("1 better", 0), image("2", 1), image("3")]
    })
    assert.deepStrictEqual<unknown>(choice?.logprobs, { content: ["x", "y", "z"].map(token), refusal: null })
    assert.deepStrictEqual<unknown>(Reflect.get(result ?? {}, "citations"), ["a"])
  })

  it("joins audio and its transcript", () => {
    const message = messageOf(
      chunk({ audio: { id: "audio_1" } }),
      chunk({ audio: { data: "AAAA", transcript: "Hel" } }),
      chunk({ audio: { data: "BBBB", transcript: "lo" } }),
      chunk({ audio: { expires_at: 1700000000 } })
    )
    assert.deepStrictEqual<unknown>(message?.audio, {
      id: "audio_1",
      expires_at: 1700000000,
      data: "AAAABBBB",
      transcript: "Hello"
    })
  })

  it("keeps several choices apart, in the order of their indexes", () => {
    const of = (index: number, content: string, finish_reason: string | null = null) => ({
      ...textChunk(""),
      choices: [{ index, delta: { content }, finish_reason }]
    })
    const { result } = added(of(1, "one"), of(0, "ze"), of(0, "ro", "stop"), of(1, "!", "length"))
    assert.deepStrictEqual(
      result?.choices.map((choice) => [choice.index, choice.message.content, choice.finish_reason]),
      [[0, "zero", "stop"], [1, "one!", "length"]]
    )
  })

  it("continues after the first finish reason, which a later null does not replace", () => {
    const { result } = added(finishChunk, call(0, "c", "look", "{}"), chunk({}, "tool_calls"), textChunk("x"))
    assert.strictEqual(result?.choices[0]?.finish_reason, "tool_calls")
    assert.strictEqual(result?.choices[0]?.message.tool_calls?.length, 1)
  })

  it("selects text and reasoning once, of the first choice, never encrypted reasoning", () => {
    const both = chunk({
      content: "t",
      reasoning: "r",
      reasoning_details: [{ type: "reasoning.text", text: "r", index: 0 }]
    })
    assert.deepStrictEqual([ChatProtocol.textDelta(both), ChatProtocol.reasoningDelta(both)], ["t", "r"])
    const onlyDetails = details(
      { type: "reasoning.summary", summary: "s", index: 0 },
      { type: "reasoning.encrypted", data: "secret", index: 0 },
      { type: "reasoning.dream", text: "?", index: 0 }
    )
    assert.strictEqual(ChatProtocol.reasoningDelta(onlyDetails), "s")
    const other = {
      ...textChunk(""),
      choices: [{ index: 1, delta: { content: "x", reasoning: "y" }, finish_reason: null }]
    }
    assert.strictEqual(ChatProtocol.textDelta(other) + ChatProtocol.reasoningDelta(other), "")
    assert.strictEqual(ChatProtocol.textDelta({ ...textChunk("x"), choices: [] }), "")
  })

  it("keeps very many pieces in order", () => {
    const pieces = Array.from({ length: 10_000 }, (_, i) => `${i},`)
    assert.strictEqual(added(...pieces.map(textChunk)).partial.text, pieces.join(""))
  })
})

const text = FastCheck.string({ unit: "grapheme", maxLength: 30 })
const name = FastCheck.stringMatching(/^[a-z_]{1,9}$/)
const json = FastCheck.dictionary(FastCheck.string(), FastCheck.jsonValue()).map((value) => JSON.stringify(value))

const detail = FastCheck.record({
  type: FastCheck.constantFrom("reasoning.text", "reasoning.summary"),
  text,
  signature: FastCheck.option(FastCheck.string({ minLength: 1 }), { nil: undefined })
})

describe("the pieces of a chat stream", () => {
  it.prop(
    "give the same completion however the text, the reasoning and the arguments are cut",
    [
      FastCheck.record({
        content: text,
        reasoning: text,
        refusal: text,
        details: FastCheck.array(detail, { maxLength: 3 }),
        calls: FastCheck.array(FastCheck.record({ name, args: json }), { maxLength: 3 })
      }),
      FastCheck.infiniteStream(positions)
    ],
    ([answer, allPlaces]) => {
      const pieces = (text: string) => cut(text, allPlaces.next().value)
      const queues: ReadonlyArray<ReadonlyArray<ChatStreamChunk>> = [
        pieces(answer.content).map(textChunk),
        pieces(answer.reasoning).map((reasoning) => chunk({ content: "", reasoning })),
        pieces(answer.refusal).map((refusal) => chunk({ content: "", refusal })),
        ...answer.details.map(({ signature, text, type }, index) => [
          ...pieces(text).map((piece) => details({ type, [type.slice(10)]: piece, format: "unknown", index })),
          ...(signature === undefined ? [] : [details({ type, signature, [type.slice(10)]: "", index })])
        ]),
        ...answer.calls.map(({ args, name }, index) => [
          call(index, `call_${index}`, name, "", "function"),
          ...pieces(args).map((piece) => call(index, null, undefined, piece))
        ])
      ]
      // The queues take turns, so that pieces of different parts alternate
      const chunks = Array.from({ length: Math.max(...queues.map((queue) => queue.length)) })
        .flatMap((_, turn) => queues.flatMap((queue) => queue.slice(turn, turn + 1)))
      assert.deepStrictEqual(chunks.flatMap((event) => issues(ChatStreamChunk, event)), [])
      const { partial, result } = added(...chunks, finishChunk)
      assert.deepStrictEqual(issues(ChatResult, result), [])
      const message = result?.choices[0]?.message
      assert.deepStrictEqual([message?.content, message?.reasoning, message?.refusal], [
        answer.content,
        answer.reasoning,
        answer.refusal
      ])
      assert.deepStrictEqual<unknown>(
        message?.reasoning_details,
        answer.details.length === 0 ? undefined : answer.details.map(({ signature, text, type }, index) => ({
          type,
          [type.slice(10)]: text,
          format: "unknown",
          index,
          ...(signature === undefined ? {} : { signature })
        }))
      )
      const calls = answer.calls.map(({ args, name }, index) => ({ id: `call_${index}`, name, arguments: args }))
      assert.deepStrictEqual(
        message?.tool_calls?.map(({ function: { arguments: args, name }, id }) => ({ id, name, arguments: args })) ??
          [],
        calls
      )
      assert.deepStrictEqual([partial.text, partial.reasoning, partial.toolCalls], [
        answer.content,
        // The details repeat the reasoning where a provider sends both
        answer.reasoning || answer.details.map(({ text }) => text).join(""),
        calls
      ])
    }
  )
})
