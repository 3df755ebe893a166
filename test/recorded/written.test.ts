/** Written exchanges for cases without a recording, and checks that the comparison finds every wrong reading. */
import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { attempt, waysOf } from "./support/attempt.js"
import { client, Replay } from "./support/replay.js"
import { written } from "./support/writtenExchanges.js"

/** A text of a body, its replacement, and where the comparison must find the difference. */
const lies: Readonly<Record<string, ReadonlyArray<readonly [said: string, served: string, where: string]>>> = {
  "chat stream of everything": [
    [`"content":"Hällo "`, `"content":"Hallo "`, "events."],
    [`"content":"Hällo "`, `"content":"Hallo "`, "pieces.text"],
    [`"content":"Hällo "`, `"content":"Hallo "`, "text"],
    [`"content":"Hällo "`, `"content":"Hallo "`, "result.choices.0.message.content"],
    [`"reasoning":"sum"`, `"reasoning":"s"`, "pieces.reasoning"],
    [`"reasoning":"sum"`, `"reasoning":"s"`, "result.choices.0.message.reasoning"],
    [`"text":"."`, `"text":"!"`, "result.choices.0.message.reasoning_details.0.text"],
    ["c2ln", "c2lh", "result.choices.0.message.reasoning_details.0.signature"],
    [`"summary":"sum"`, `"summary":"s"`, "result.choices.0.message.reasoning_details.1.summary"],
    ["ZGF0YQ", "ZGF0YR", "result.choices.0.message.reasoning_details.2.data"],
    ["reasoning.encrypted", "reasoning.hidden", "result.choices.0.message.reasoning_details.2.type"],
    ["https://a.example", "https://b.example", "result.choices.0.message.annotations.0"],
    ["base64,AA", "base64,AB", "result.choices.0.message.images.0"],
    [`"token":"🌍"`, `"token":"🌎"`, "result.choices.0.logprobs.content.1"],
    ["call_2", "call_3", "result.choices.0.message.tool_calls.1.id"],
    [`"name":"add"`, `"name":"sub"`, "result.choices.0.message.tool_calls.0.function.name"],
    [`"1}"`, `"2}"`, "result.choices.0.message.tool_calls.0.function.arguments"],
    [`"No."`, `"Yes."`, "result.choices.0.message.refusal"],
    [`"finish_reason":"tool_calls"`, `"finish_reason":"stop"`, "result.choices.0.finish_reason"],
    ["tool_use", "end_turn", "result.choices.0.native_finish_reason"],
    [`"completion_tokens":5`, `"completion_tokens":6`, "result.usage.completion_tokens"],
    ["6e-7", "7e-7", "result.usage.cost"],
    [`"id":"gen-1"`, `"id":"gen-2"`, "result.id"],
    [`"id":"gen-1"`, `"id":"gen-2"`, "generation id"],
    [`"provider":"Acme"`, `"provider":"Ecma"`, "result.provider"],
    ["acme/small-1", "acme/small-2", "result.model"]
  ],
  "chat stream that breaks off": [
    [`"content":"b"`, `"content":"c"`, "partial.text"],
    [`"finish_reason":null`, `"finish_reason":"stop"`, "succeeded"]
  ],
  "chat stream with an error as documented": [
    ["server_error", "timeout", "tag"],
    ["server_error", "timeout", "status"],
    ["server_error", "timeout", "code"],
    ["disconnected", "dismissed", "message"],
    [`"content":"a"`, `"content":"b"`, "partial.text"],
    ["6e-7", "7e-7", "partial.cost"],
    [`"error":{`, `"err":{`, "tag"]
  ],
  "chat stream with a typed error": [
    [`"provider_name":"Acme"`, `"provider_name":"Ecma"`, "provider"],
    [`"error_type":"provider_unavailable"`, `"error_type":"timeout"`, "error type"]
  ],
  "chat stream with an error in its choice": [["retryable", "retriable", "raw"]],
  "chat error with availability": [[`"retry_after":12`, `"retry_after":13`, "wait"]],
  "chat error in a good status": [[`"code":429`, `"code":402`, "tag"], [`"error":`, `"err":`, "tag"]],
  "messages stream of everything": [
    [`"thinking":"Hm"`, `"thinking":"H"`, "result.content.0.thinking"],
    ["c2ln", "c2lh", "result.content.0.signature"],
    [`"data":"eA"`, `"data":"eB"`, "result.content.1.data"],
    [`"text":"🌍"`, `"text":"🌎"`, "result.content.2.text"],
    ["toolu_1", "toolu_2", "result.content.3.id"],
    [`"1}"`, `"2}"`, "result.content.3.input"],
    [`"stop_reason":"tool_use"`, `"stop_reason":"end_turn"`, "result.stop_reason"],
    [`"cost":0.001`, `"cost":0.002`, "result.usage.cost"],
    [`"provider":"Acme"`, `"provider":"Ecma"`, "result.provider"]
  ],
  "messages stream with an error": [["Overloaded", "Overflown", "message"], [
    `"text":"Hal"`,
    `"text":"Ha"`,
    "partial.text"
  ]],
  "responses stream": [
    [`"text":"Hällo 🌍"`, `"text":"Hallo 🌍"`, "result.output.0.content.0.text"],
    [`"output_tokens":2`, `"output_tokens":3`, "result.usage.output_tokens"],
    [`"delta":"🌍"`, `"delta":"🌎"`, "pieces.text"]
  ],
  "responses stream whose end lists no output": [
    [`"text":"Hällo 🌍"`, `"text":"Hallo 🌍"`, "result.output.0.content.0.text"]
  ],
  "responses stream that is cut short": [
    [`"delta":"🌍"`, `"delta":"🌎"`, "result.output.0.content.0.text"],
    ["max_output_tokens", "content_filter", "result.incomplete_details.reason"]
  ],
  "responses stream that fails": [["server_error", "rate_limit_exceeded", "tag"], ["broke", "woke", "message"]],
  "images stream": [["AAAA", "AAAB", "result.data.0.b64_json"]],
  "credits": [["2.5", "2.6", "result.data.total_usage"]]
}

describe("written exchanges", () => {
  layer(client, { excludeTestServices: true })((it) => {
    for (const exchange of written) {
      it.effect(exchange.id, () =>
        Effect.gen(function*() {
          for (const way of waysOf(exchange)) {
            assert.deepStrictEqual(yield* attempt(exchange, way), [], way.name)
          }
        }))
    }
  })
})

describe("replay", () => {
  layer(client, { excludeTestServices: true })((it) => {
    it.effect("sends each piece in a read of its own", () =>
      Effect.gen(function*() {
        const replay = yield* Replay
        const pieces = ["one", "t", "wo", "three"].map((text) => new TextEncoder().encode(text))
        replay.answerNext({ status: 200, headers: {}, pieces })
        const response = yield* Effect.promise(() => fetch(replay.origin))
        const read = yield* Stream.runCollect(
          Stream.fromReadableStream({ evaluate: () => response.body ?? new ReadableStream(), onError: String })
        )
        assert.deepStrictEqual([...read], pieces)
      }))
  })
})

describe("a reading that is wrong", () => {
  layer(client, { excludeTestServices: true })((it) => {
    for (const [id, facts] of Object.entries(lies)) {
      it.effect(`is found: ${id}`, () =>
        Effect.gen(function*() {
          for (const [said, served, where] of facts) {
            const exchange = written.find((exchange) => exchange.id === id)
            if (exchange === undefined) return assert.fail(`${id} is not written`)
            const body = new TextDecoder().decode(exchange.body)
            assert.include(body, said)
            const [way] = waysOf(exchange)
            if (way === undefined) return assert.fail(`${id} cannot be read`)
            const complaints = yield* attempt(exchange, way, new TextEncoder().encode(body.replaceAll(said, served)))
            assert.isTrue(
              complaints.some((complaint) => complaint.startsWith(where)),
              `${said} for ${served} is not noticed at ${where}: ${complaints.join("; ")}`
            )
          }
        }))
    }
  })
})
