/** Conversations as a store may return them: written by a run, then damaged. */
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { call, input, message, outputItem, tool, turn } from "../../agent/support/logs.js"
import { storeOver } from "../../support/effect/storage.js"
import type { Dice } from "./dice.js"
import { mutate } from "./mutate.js"

type Entry = Conversation.Entry

const documentOf = (entries: ReadonlyArray<Entry>): string =>
  JSON.stringify({ format: "effect-openrouter/conversation", version: 1, entries })

const appends: ReadonlyArray<ReadonlyArray<Entry>> = [
  [{ _tag: "opened", run: "run-1", at: 0, until: 5 }, input("Hi"), turn(1, [message("Look"), call("a"), call("b")])],
  [tool("a", { status: "failure" }), { _tag: "interrupt", reason: "enough" }],
  [tool("b"), { _tag: "decision", callId: "b", decision: { _tag: "approve" } }],
  [turn(2, [call("c", "{\"x\":1}")], { usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3, cost: 0.5 } })],
  [{ _tag: "closed", run: "run-1", outcome: "awaiting_tools" }, { _tag: "output", item: outputItem("c") }]
]

const texts = appends.map(documentOf)

const over = (stored: ReadonlyMap<string, string>) => {
  const values = new Map(stored)
  return Conversation.layerKeyValueStore.pipe(Layer.provide(Layer.succeed(
    KeyValueStore.KeyValueStore,
    storeOver(values)
  )))
}

/** Each document may be changed, lost, or stored in the place of another. */
const damaged = (dice: Dice): ReadonlyMap<string, string> => {
  const kept = texts.slice(0, 1 + dice.below(texts.length))
  return new Map(kept.flatMap((text, index) => {
    if (dice.chance(0.02)) return []
    const number = dice.chance(0.02) ? 1 + dice.below(9) : index + 1
    return [[`conversation.c-a.00000${number}`, dice.chance(0.5) ? mutate(text, dice, false) : text] as const]
  }))
}

/** Reads a conversation in every way, and continues it. */
export const conversations = (dice: Dice) => {
  const stored = damaged(dice)
  const read = Effect.map(Conversation.load("a"), (log) => [
    Conversation.history(log),
    Conversation.pending(log),
    Conversation.usage(log)
  ])
  const continued = Agent.run({ model: "a/b", input: "And now?", conversation: "a" })
  return {
    input: JSON.stringify([...stored]),
    run: Effect.zipRight(read, continued).pipe(
      Effect.provide(Layer.merge(over(stored), TestModel.layer(["Done"], { client: { retry: false } })))
    )
  }
}
