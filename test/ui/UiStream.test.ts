/** A browser that connects again, at any place of a stream, has the message that it would have had. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Agent from "../../src/agent/Agent.js"
import * as Conversation from "../../src/agent/Conversation.js"
import { collect } from "../../src/internal/effect/batches.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { chunksOf } from "../../src/ui/internal/replay.js"
import * as UiMessages from "../../src/ui/UiMessages.js"
import * as UiStream from "../../src/ui/UiStream.js"
import { type Client, type Message, seven, shown } from "./support/clients.js"
import { model, tools, ToolsLive } from "./support/server.js"

/** A body of these chunks. With `isCut` its connection breaks behind the last one. */
const body = (chunks: ReadonlyArray<UiStream.Chunk>, isCut: boolean): Response => {
  const events = chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("")
  let isSent = false
  return new Response(
    new ReadableStream({
      pull: (controller) => {
        if (!isSent) controller.enqueue(new TextEncoder().encode(events))
        else if (isCut) controller.error(new TypeError("network error"))
        else controller.close()
        isSent = true
      }
    })
  )
}

/** A client whose first stream breaks after `cut` chunks, and whose second one is `replay`. */
const clientOf = (
  messages: ReadonlyArray<Message>,
  chunks: ReadonlyArray<UiStream.Chunk>,
  replay: ReadonlyArray<UiStream.Chunk>,
  cut: number
): Client =>
  seven.client({
    id: "c",
    api: "http://chat.test/api",
    messages,
    fetch: (_, init) =>
      Promise.resolve(init?.method === "POST" ? body(chunks.slice(0, cut), cut < chunks.length) : body(replay, false))
  })

/** The messages after a connection broke at each place, and was made again. */
const afterEachCut = (
  messages: ReadonlyArray<Message>,
  chunks: ReadonlyArray<UiStream.Chunk>,
  replay: ReadonlyArray<UiStream.Chunk>,
  send: (client: Client) => Promise<void>
) =>
  Effect.promise(async () => {
    const all = []
    for (let cut = chunks.length; cut >= 1; cut--) {
      const client = clientOf(messages, chunks, replay, cut)
      await send(client)
      if (cut < chunks.length) await client.resume()
      assert.notStrictEqual(client.status, "streaming")
      all.push(shown(client.messages))
    }
    return all
  })

describe("a connection that breaks", () => {
  const options = { model, tools, conversation: "c" } as const
  const chunksOfRun = (run: { readonly input?: string; readonly approve?: ReadonlyArray<string> }, messageId: string) =>
    collect(UiStream.fromAgent(Agent.stream({ ...options, ...run }), { messageId, protocol: 7 }))

  it.effect("changes nothing in the message, wherever it breaks", () =>
    Effect.gen(function*() {
      const first = yield* chunksOfRun({ input: "hi" }, "m1")
      const answers = yield* afterEachCut([], first, first, (client) => client.send("hi"))
      assert.isAbove(answers.length, 20)
      for (const answer of answers) assert.deepStrictEqual(answer, answers[0])
    }).pipe(Effect.provide(Layer.mergeAll(
      ToolsLive,
      Conversation.layerMemory,
      TestModel.layer([
        [
          Script.reasoning(["hm ", "hm"]),
          Script.text(["Let ", "me"]),
          Script.toolCall("weather", { city: "Rome" }),
          Script.toolCall("weather", { city: "Atlantis" })
        ],
        Script.text(["done ", "now"])
      ])
    ))))

  it.effect("changes nothing in a message that goes on after an approval", () =>
    Effect.gen(function*() {
      yield* chunksOfRun({ input: "hi" }, "m1")
      const before = UiMessages.fromLog(yield* Conversation.load("c"))
      const answer = before.at(-1)
      const call = answer?.parts.find((part) => "state" in part && part.state === "approval-requested")
      const id = call !== undefined && "toolCallId" in call ? call.toolCallId : ""
      const rest = yield* chunksOfRun({ approve: [id] }, "m1")
      const replay: ReadonlyArray<UiStream.Chunk> = [
        { type: "start", messageId: "m1" },
        ...(answer === undefined ? [] : chunksOf({ ...answer, parts: [...answer.parts] })),
        { type: "tool-approval-response", approvalId: id, approved: true },
        ...rest.slice(1)
      ]
      const answers = yield* afterEachCut(before, rest, replay, async (client) => {
        const sent = client.sent()
        await client.decide(id, true)
        await sent
      })
      assert.isAbove(answers.length, 5)
      for (const answer of answers) assert.deepStrictEqual(answer, answers[0])
    }).pipe(Effect.provide(Layer.mergeAll(
      ToolsLive,
      Conversation.layerMemory,
      TestModel.layer([[Script.text("First"), Script.toolCall("pay", { eur: 1 })], Script.text(["paid ", "it"])])
    ))))
})
