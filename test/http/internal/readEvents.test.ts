/** Bodies that are streams of events though JSON was requested. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChatProtocol from "../../../src/response/chatProtocol.js"
import * as CompletionsProtocol from "../../../src/response/completionsProtocol.js"
import * as ImagesProtocol from "../../../src/response/imagesProtocol.js"
import * as MessagesProtocol from "../../../src/response/messagesProtocol.js"
import * as ResponsesProtocol from "../../../src/response/responsesProtocol.js"
import * as Chat from "../../../src/services/Chat.js"
import * as Completions from "../../../src/services/Completions.js"
import * as Images from "../../../src/services/Images.js"
import * as Messages from "../../../src/services/Messages.js"
import * as Models from "../../../src/services/Models.js"
import * as Responses from "../../../src/services/Responses.js"
import { wholeResults } from "../../response/support/results.js"
import { chunk, done, finishChunk, sse, textChunk, usage } from "../../support/events.js"
import { memory, over, respond } from "../support/memory.js"

const model = "test/model"
const messages = [{ role: "user", content: "A story!" }] as const

const events = { "content-type": "text/event-stream" }

/** A client whose server always responds with this text. */
const responding = (text: string, headers: Readonly<Record<string, string>> = events) =>
  over(memory(respond(200, text, headers)), { retry: false })

const { chat, completion, images, message, response } = wholeResults

describe("a stream of events in place of JSON", () => {
  const adds = <E>(
    send: Effect.Effect<unknown, E, Effect.Effect.Context<ReturnType<typeof Chat.send>>>,
    whole: unknown,
    payloads: ReadonlyArray<unknown> | undefined
  ) =>
    Effect.gen(function*() {
      const text = sse(...(payloads ?? []))
      for (const body of [text + done, text, `: OPENROUTER PROCESSING\n\n${text}`, `\uFEFF${text}`]) {
        for (const headers of [events, { "content-type": "application/json" }, {}]) {
          assert.deepStrictEqual(yield* Effect.provide(send, responding(body, headers)), whole)
        }
      }
    })

  it.effect("is read as the chat completion that it adds up to", () =>
    adds(Chat.send({ model, messages }), chat, ChatProtocol.protocol.eventsOf?.(chat)))

  it.effect("is read as the text completion that it adds up to", () =>
    adds(
      Completions.generate({ model, prompt: "A story!" }),
      completion,
      CompletionsProtocol.protocol.eventsOf?.(completion)
    ))

  it.effect("is read as the response that it adds up to", () =>
    adds(Responses.send({ model, input: "A story!" }), response, ResponsesProtocol.protocol.eventsOf?.(response)))

  it.effect("is read as the message that it adds up to", () =>
    adds(
      Messages.send({ model, messages, max_tokens: 9 }),
      message,
      MessagesProtocol.protocol.eventsOf?.(message)
    ))

  it.effect("is read as the images that it adds up to", () =>
    adds(Images.generate({ model, prompt: "A cat" }), images, ImagesProtocol.protocol.eventsOf?.(images)))

  it.effect("fails with the class of its error event, and what came before", () =>
    Effect.gen(function*() {
      const failed = { error: { code: 502, message: "Upstream died" } }
      const after = chunk({ content: "not this" }, null, { usage })
      const error = yield* Chat.send({ model, messages }).pipe(
        Effect.provide(responding(sse(textChunk("Once"), failed, after))),
        Effect.flip
      )
      assert(error._tag === "BadGatewayResponseError")
      assert.include({ ...error.partial }, { text: "Once", cost: 0.5 })
    }))

  it.effect("fails with its whole text where it is cut off or cannot be read", () =>
    Effect.gen(function*() {
      const long = "x".repeat(5000)
      for (
        const text of [sse(textChunk(long)), sse(textChunk(long)) + done, sse(textChunk(long), "{oops", finishChunk)]
      ) {
        const error = yield* Effect.flip(Effect.provide(Chat.send({ model, messages }), responding(text)))
        assert(error._tag === "ResponseValidationError")
        assert.deepStrictEqual([error.received, error.partial?.text, error.generationId], [text, long, "gen-1"])
        assert.match(error.message, /^chat\.send: the response is a stream of events/)
      }
    }))

  it.effect("is no response of an endpoint that has no stream", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Effect.provide(Models.list(), responding(sse(textChunk("a")))))
      assert(error._tag === "ResponseValidationError")
      assert.include(error.message, "not JSON")
    }))
})
