/** The cost to store, read and convert a conversation grows in proportion to its content. */
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Conversation from "../../src/agent/Conversation.js"
import * as Convert from "../../src/agent/Convert.js"
import * as Session from "../../src/agent/internal/conversation/session.js"
import { call, input, message, tool, turn, user } from "../agent/support/logs.js"
import { assertLinear } from "./work.js"

const times = <A>(size: number, make: (index: number) => A): ReadonlyArray<A> =>
  Array.from({ length: size }, (_, index) => make(index))

/** An input, a call, its output and a response, repeated. */
const entries = (size: number): ReadonlyArray<Conversation.Entry> =>
  times(size, (index) => [
    input(`question ${index}`),
    turn(index, [call(`c${index}`)]),
    tool(`c${index}`),
    turn(index, [message(`answer ${index}`)])
  ]).flat()

const stores = {
  "in memory": Conversation.layerMemory,
  "in a KeyValueStore": Layer.provide(Conversation.layerKeyValueStore, KeyValueStore.layerMemory)
}

let ids = 0

describe("a conversation", () => {
  for (const [name, layer] of Object.entries(stores)) {
    it.effect(`is appended to and loaded at a cost in proportion to its entries: ${name}`, () =>
      Effect.gen(function*() {
        const store = yield* Conversation.Conversation
        yield* assertLinear(100, (size) =>
          Effect.gen(function*() {
            const id = `conversation-${ids++}`
            for (let version = 0; version < size; version++) yield* store.append(id, version, [input("Hi")])
            yield* store.load(id)
          }))
      }).pipe(Effect.provide(layer)))
  }

  it.effect("is held by a run at a cost in proportion to its entries", () =>
    assertLinear(250, (size) =>
      Effect.gen(function*() {
        const session = yield* Session.open("held", { run: "run-1", lease: "1 minute" })
        for (let i = 0; i < size; i++) yield* session.append([input("Hi")])
      }).pipe(Effect.provide(Conversation.layerMemory))))

  it.effect("gives its history at a cost in proportion to its turns", () =>
    assertLinear(250, (size) => Effect.sync(() => Conversation.history({ version: 1, entries: entries(size) }))))

  it.effect("gives its history at a cost in proportion to the calls of a turn", () =>
    assertLinear(250, (size) =>
      Effect.sync(() =>
        Conversation.history({
          version: 1,
          entries: [
            input("Look up all."),
            turn(1, times(size, (index) => call(`c${index}`))),
            ...times(size, (index) => tool(`c${index}`)),
            turn(2, [message("There.")])
          ]
        })
      )))

  it.effect("gives its pending calls at a cost in proportion to its turns", () =>
    assertLinear(
      250,
      (size) =>
        Effect.sync(() => Conversation.pending({ version: 1, entries: [...entries(size), turn(size, [call("last")])] }))
    ))
})

describe("a conversion", () => {
  const items = (size: number) => Conversation.history({ version: 1, entries: entries(size) })

  it.effect("to chat and back costs in proportion to the messages", () =>
    assertLinear(250, (size) => Effect.sync(() => Convert.fromChatMessages(Convert.toChatMessages(items(size)).value))))

  it.effect("to Anthropic messages and back costs in proportion to the messages", () =>
    assertLinear(
      250,
      (size) =>
        Effect.sync(() => Convert.fromClaudeMessages(Convert.toClaudeMessages([user("Hi"), ...items(size)]).value))
    ))
})
