/** Every recorded response of a chat goes through the schemas of `@effect/ai`, and says the same. */
import * as LanguageModel from "@effect/ai/LanguageModel"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { needing, traffic } from "../../scripts/fixtures/fixtures.js"
import * as OpenRouterLanguageModel from "../../src/ai/OpenRouterLanguageModel.js"
import { collect } from "../../src/internal/effect/batches.js"
import { parseJson } from "../../src/internal/json.js"
import { readResponse } from "../../src/response/readResponse.js"
import * as Chat from "../../src/services/Chat.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { readJson, readStream } from "../recorded/reading/reading.js"
import { type Exchange, exchanges } from "../recorded/support/traffic.js"
import { anyTools } from "../support/effect/ai.js"

const answers = exchanges.filter((exchange) =>
  exchange.api === "chat" && exchange.status === 200 &&
  (exchange.stream ? readStream(exchange) : readJson(exchange)).failure === undefined
)

const question = { model: "m/m", messages: [{ role: "user" as const, content: "Hello" }] }

/** What a response says: its text, its reasoning, and the tools that it calls. */
interface Said {
  readonly text: string
  readonly reasoning: string
  readonly calls: ReadonlyArray<string>
}

const complaintOf = (exchange: Exchange) =>
  Effect.gen(function*() {
    const result = exchange.stream
      ? yield* Chat.accumulate(Chat.stream(question))
      : yield* Chat.send(question)
    const read = readResponse(result)
    const refusal = result.choices[0]?.message.refusal ?? ""
    const expected: Said = {
      text: read.text || refusal || result.choices[0]?.message.audio?.transcript || "",
      reasoning: read.reasoning,
      // Those that a limit of tokens cut off are no calls
      calls: read.toolCalls.flatMap((call) => parseJson(call.arguments || "{}") === undefined ? [] : [call.name])
    }
    const names = [...new Set(read.toolCalls.map(({ name }) => name))]
    const toolkit = yield* anyTools(names)
    const options = { prompt: "Hello", toolkit, disableToolCallResolution: true } as const
    const parts = exchange.stream
      ? yield* collect(LanguageModel.streamText(options))
      : (yield* LanguageModel.generateText(options)).content
    const said: Said = {
      text: parts.map((part) => part.type === "text" ? part.text : part.type === "text-delta" ? part.delta : "").join(
        ""
      ),
      reasoning: parts.map((part) =>
        part.type === "reasoning" ? part.text : part.type === "reasoning-delta" ? part.delta : ""
      ).join(""),
      calls: parts.flatMap((part) => part.type === "tool-call" ? [part.name] : [])
    }
    assert.strictEqual(parts.filter(({ type }) => type === "finish").length, 1, exchange.id)
    assert.strictEqual(parts[0]?.type, "response-metadata", exchange.id)
    return JSON.stringify(said) === JSON.stringify(expected) ? [] : [{ id: exchange.id, said, expected }]
  }).pipe(
    Effect.provide(
      Layer.provideMerge(
        OpenRouterLanguageModel.layer({ model: "m/m" }),
        TestModel.layer([replyOf(exchange), replyOf(exchange)])
      )
    ),
    Effect.mapError((error) => ({ id: exchange.id, error }))
  )

const replyOf = ({ body, headers }: Exchange) =>
  Script.reply(body, { headers: { "content-type": headers["content-type"] ?? "application/json" } })

describe.skipIf(!traffic.isPresent)(needing("recorded responses", traffic), () => {
  it.effect("have parts that @effect/ai reads, with all that they say", () =>
    Effect.gen(function*() {
      const complaints = yield* Effect.forEach(answers, complaintOf)
      assert.isAbove(answers.length, 300)
      assert.deepStrictEqual(complaints.flat(), [])
    }), 60_000)
})
