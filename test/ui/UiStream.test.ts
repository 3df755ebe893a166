/** A browser that connects again, at any place of a stream, has the message that it would have had. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Agent from "../../src/agent/Agent.js"
import * as Conversation from "../../src/agent/Conversation.js"
import { collect } from "../../src/internal/effect/batches.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { chunksOf } from "../../src/ui/internal/replay.js"
import * as UiMessages from "../../src/ui/UiMessages.js"
import * as UiStream from "../../src/ui/UiStream.js"
import { type Client, type Message, seven, shown, six } from "./support/clients.js"
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

/** What a model may do in a turn. */
const part: FastCheck.Arbitrary<Script.Part> = FastCheck.oneof(
  FastCheck.array(FastCheck.string({ minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 }).map(Script.text),
  FastCheck.array(FastCheck.string({ minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 }).map((text) =>
    Script.reasoning(text)
  ),
  FastCheck.constantFrom(
    Script.toolCall("weather", { city: "Rome" }),
    Script.toolCall("weather", { city: "Atlantis" }),
    Script.toolCall("weather", { city: 1 }),
    Script.toolCall("ghost", {}),
    Script.toolCall("ask", { question: "Which?" }),
    Script.citation({ url: "https://e.org", title: "E" }),
    Script.image(),
    Script.refusal(["No", "."]),
    Script.item({
      type: "web_search_call",
      id: "ws_1",
      status: "completed",
      action: { type: "search", query: "q" }
    })
  )
)

/** A call whose id the run changes. A browser shows it when its turn has ended, so it is the last one here. */
const repeated = Script.toolCall("weather", { city: "Rome" }, { id: "same" })

const turn = FastCheck.tuple(
  FastCheck.array(part, { minLength: 1, maxLength: 4 }),
  FastCheck.subarray<Script.Part>([repeated, repeated]),
  FastCheck.boolean()
)

describe("the message of a stream", () => {
  for (const { protocol, read } of [six, seven]) {
    it(`is that of the stored conversation, for ai ${protocol}`, { timeout: 120_000 }, () =>
      FastCheck.assert(
        FastCheck.asyncProperty(FastCheck.array(turn, { minLength: 1, maxLength: 3 }), async (turns) => {
          // A client of protocol 6 cannot take back a text
          const fails = (isFailing: boolean): boolean => isFailing && protocol === 7
          const script = turns.flatMap(([parts, calls, isFailing]) => {
            // A response without any text or call would be empty
            const said: ReadonlyArray<Script.Part> = [Script.text("t"), ...parts, ...calls]
            return fails(isFailing)
              ? [Script.turn([...said, Script.fail(502)]), Script.turn(said)]
              : [Script.turn(said)]
          })
          const program = Effect.gen(function*() {
            const options = { model, tools, conversation: "c", input: "hi", maxSteps: turns.length } as const
            const events = Agent.stream({ ...options, retryTurn: Schedule.recurs(1) })
            const chunks = yield* collect(UiStream.fromAgent(events, { protocol, messageId: "m1" }))
            const message = yield* Effect.promise(() => read(chunks))
            const [, stored] = UiMessages.fromLog(yield* Conversation.load("c"))
            assert.deepStrictEqual(
              shown(message === undefined ? [] : [message]),
              shown(stored === undefined ? [] : [stored])
            )
            assert.strictEqual(message?.id, stored?.id)
          })
          await Effect.runPromise(Effect.provide(
            program,
            Layer.mergeAll(ToolsLive, Conversation.layerMemory, TestModel.layer(script, { allowUnused: true }))
          ))
        }),
        { numRuns: 150 }
      ))
  }
})
