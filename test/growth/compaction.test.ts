/** A run that compacts its history: its requests stay within the context, and its turns cost the same. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../src/agent/Agent.js"
import * as Compaction from "../../src/agent/Compaction.js"
import * as Conversation from "../../src/agent/Conversation.js"
import { tokensOfAll } from "../../src/agent/internal/context/tokens.js"
import * as Middleware from "../../src/agent/Middleware.js"
import * as Tool from "../../src/agent/Tool.js"
import * as Toolkit from "../../src/agent/Toolkit.js"
import type { OpenResponsesResult } from "../../src/schema/Responses.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { assertLinearInTurns } from "./work.js"

const Read = Tool.make("read", { parameters: Schema.Struct({ page: Schema.Number }), success: Schema.String })
const tools = Toolkit.make(Read)
const page = "All the words of a page. ".repeat(40)
const ReadLive = tools.toLayer({ read: ({ page: number }) => Effect.succeed(`${number} ${page}`) })

const contextLength = 10_000

/** A model that reads a page in each turn, and counts the tokens as the estimates do. */
const modelOf = (turns: number, report: (items: number, tokens: number) => void) => {
  let turn = 0
  return Middleware.make({
    model: ({ input }) =>
      Effect.sync((): OpenResponsesResult => {
        turn++
        const items = typeof input === "string" ? [] : input ?? []
        const tokens = Math.round(tokensOfAll(items))
        report(items.length, tokens)
        return {
          id: `resp_${turn}`,
          model: "test/model",
          status: "completed",
          output: turn > turns
            ? [{
              type: "message",
              id: "msg",
              role: "assistant",
              status: "completed",
              content: [{ type: "output_text", text: "done", annotations: [] }]
            }]
            : [{ type: "function_call", call_id: `call_${turn}`, name: "read", arguments: `{"page":${turn}}` }],
          usage: {
            input_tokens: tokens,
            output_tokens: 10,
            total_tokens: tokens + 10,
            input_tokens_details: { cached_tokens: 0 },
            output_tokens_details: { reasoning_tokens: 0 }
          }
        }
      })
  })
}

/** `GROWTH_TURNS=1000` compares 1,000 turns with 2,000. */
const turns = Number(process.env["GROWTH_TURNS"] ?? 200)

describe("turns whose history is compacted", { timeout: 60_000 + turns * 1000 }, () => {
  const run = (stored: { readonly conversation?: string }) => (turns: number) => {
    let sent = 0
    let longest = 0
    const middleware = modelOf(turns, (items, tokens) => {
      sent += items
      longest = Math.max(longest, tokens)
    })
    return Agent.run({
      model: "test/model",
      input: "Go!",
      tools,
      maxSteps: Infinity,
      middleware,
      compaction: Compaction.make({ contextLength }),
      ...stored
    }).pipe(
      Effect.provide(Layer.mergeAll(ReadLive, Conversation.layerMemory, TestModel.layer([]))),
      Effect.map(() => {
        assert.isAtMost(longest, contextLength)
        return sent
      })
    )
  }

  it.effect("cost the same, and stay within the context", () => assertLinearInTurns(turns, 1, run({})))

  it.effect("cost the same in a stored conversation", () => assertLinearInTurns(turns, 1, run({ conversation: "c" })))
})
