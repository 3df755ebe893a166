/** The requests of a chat. */
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Conversation from "../../agent/Conversation.js"
import { httpStatus, retryAfterSeconds } from "../../agent/errorStatus.js"
import { callIds } from "../../agent/eventView.js"
import { mapBatches } from "../../internal/effect/batches.js"
import { arrayAt, jsonText, stringAt } from "../../internal/json.js"
import { besideSpan } from "../../internal/logs.js"
import type { Begun, Shared } from "../StreamLog.js"
import { agentEncoder } from "./agentEncoder.js"
import type { Options } from "./chatOptions.js"
import type { Chunk } from "./chunk.js"
import { defaultErrorText } from "./errorText.js"
import { messageId, MessageReader } from "./fromLog.js"
import { begin, type Chats, LiveChats } from "./liveChats.js"
import type { ReceivedMessage, UiMessage } from "./message.js"
import { askOf, forWaiting, isEmpty, readMessage } from "./received.js"
import { chunksOf } from "./replay.js"
import { defaultAnswerWithin, defaultKeepAlive, eventText, sseResponse } from "./sse.js"
import { headers } from "./uiHeaders.js"

type Response = HttpServerResponse.HttpServerResponse

/** @internal */
export const handle = <E, R, E2, R2>(options: Options<E, R, E2, R2>): Effect.Effect<
  Response,
  E2,
  HttpServerRequest.HttpServerRequest | LiveChats | Conversation.Conversation | R | R2
> =>
  Effect.gen(function*() {
    const request = yield* HttpServerRequest.HttpServerRequest
    const chat = new Chat(options, yield* LiveChats)
    const [path = ""] = request.url.split("?", 1)
    const names = path.split("/").filter((name) => name !== "")
    const last = names.at(-1)
    const route = `${request.method} ${last === "stream" || last === "stop" ? last : ""}`
    const id = decoded((last === "stream" || last === "stop" ? names.at(-2) : last) ?? "")
    switch (route) {
      case "POST ":
        return yield* chat.answer(request)
      case "POST stop":
        return yield* chat.stop(id)
      case "GET stream":
        return yield* chat.resume(id)
      case "GET ":
        return yield* chat.load(id)
      default:
        return HttpServerResponse.empty({ status: 405 })
    }
    // A server without a router runs its handlers uninterruptibly
  }).pipe(Effect.interruptible)

const decoded = (name: string): string => {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

class Chat<E, R, E2, R2> {
  private readonly keepAlive: Duration.DurationInput
  private readonly errorText: (error: unknown) => string

  constructor(private readonly options: Options<E, R, E2, R2>, private readonly chats: Chats) {
    this.keepAlive = options.keepAlive ?? defaultKeepAlive
    this.errorText = options.errorText ?? defaultErrorText
  }

  answer(
    request: HttpServerRequest.HttpServerRequest
  ): Effect.Effect<Response, E2, Conversation.Conversation | R | R2> {
    return Effect.flatMap(Effect.option(request.json), (json) => {
      const body: unknown = Option.getOrUndefined(json)
      const id = stringAt(body, "id")
      if (id === undefined) return Effect.succeed(refused(400, "The request is not valid."))
      const messages = arrayAt(body, "messages").flatMap((message) => readMessage(message) ?? [])
      const isAgain = stringAt(body, "trigger") === "regenerate-message"
      return Effect.flatMap(
        this.options.conversation(id),
        (conversation) => Effect.catchAll(this.run(conversation, messages, isAgain), (error) => this.failed(error))
      )
    })
  }

  private run(
    conversation: string,
    messages: ReadonlyArray<ReceivedMessage>,
    isAgain: boolean
  ): Effect.Effect<Response, E | Conversation.ConversationError, Conversation.Conversation | R> {
    return Effect.gen(this, function*() {
      const log = yield* Conversation.load(conversation)
      const waiting = Conversation.pending(log)
      const stored = this.messages(log)
      const isUnanswered = isAgain && stored.at(-1)?.role === "user"
      if (isAgain && !isUnanswered && usersIn(messages) <= usersIn(stored)) {
        return refused(501, "This chat cannot answer a second time. Ask again in other words.")
      }
      const ask = isUnanswered ? askOf(undefined) : forWaiting(askOf(messages.at(-1)), waiting)
      if (isEmpty(ask) && !isUnanswered) return refused(409, "Nothing is left to do: this was decided before.")
      const continues = ask.input === undefined && !isUnanswered
      const stream = yield* begin(this.chats, {
        conversation,
        begun: { entries: log.entries.length, continues },
        events: this.options.run({ conversation, ...ask }),
        encoder: agentEncoder({
          ...this.options,
          known: callIds(Conversation.history(log, { whole: true })),
          waiting
        }),
        messageId: messageId(stored.length + (continues ? -1 : ask.input === undefined ? 0 : 1)),
        errorText: this.errorText,
        grace: unreadLimit(this.options.stopUnreadAfter ?? "10 seconds"),
        answerWithin: this.options.answerWithin ?? defaultAnswerWithin
      })
      return this.respond(stream.read)
    })
  }

  stop(id: string): Effect.Effect<Response, E2, Conversation.Conversation | R2> {
    return this.at(id, (conversation) => {
      const stream = this.chats.streams.get(conversation)
      const stopped = stream === undefined ? Conversation.interrupt(conversation) : stream.stop
      return Effect.as(stopped, HttpServerResponse.empty({ status: 204 }))
    })
  }

  resume(id: string): Effect.Effect<Response, E2, Conversation.Conversation | R2> {
    return this.at(id, (conversation) =>
      Effect.gen(this, function*() {
        const live = yield* this.live(conversation)
        if (live === undefined) return HttpServerResponse.empty({ status: 204 })
        if (!live.begun.continues || this.options.protocol !== 7) return this.respond(live.chunks)
        // A browser of protocol 7 empties the message first, so it needs what the message had before this run
        const message = this.messages(beginning(yield* Conversation.load(conversation), live.begun)).at(-1)
        const before: ReadonlyArray<Chunk> = message === undefined
          ? []
          : [{ type: "start", messageId: message.id }, ...chunksOf(message)]
        const rest = before.length === 0 ? live.chunks : Stream.drop(live.chunks, 1)
        return this.respond(Stream.concat(Stream.fromIterable(before.map(jsonText)), rest))
      }))
  }

  load(id: string): Effect.Effect<Response, E2, Conversation.Conversation | R2> {
    return this.at(id, (conversation) =>
      Effect.gen(this, function*() {
        const log = yield* Conversation.load(conversation)
        const live = yield* this.live(conversation)
        const messages = this.messages(live === undefined ? log : beginning(log, live.begun))
        return HttpServerResponse.text(jsonText(messages), { contentType: "application/json" })
      }))
  }

  /** The stream of the run that goes on, here or in another process. */
  private live(conversation: string): Effect.Effect<Shared | undefined> {
    const { log, streams } = this.chats
    const here = streams.get(conversation)
    if (here !== undefined) return Effect.succeed({ begun: here.begun, chunks: here.read })
    return log === undefined ? Effect.succeed(undefined) : log.follow(conversation).pipe(
      Effect.map(Option.getOrUndefined),
      Effect.catchAll((error) =>
        Effect.as(besideSpan(Effect.logWarning("chat: no run of another process can be shown", error)), undefined)
      )
    )
  }

  private messages(log: Conversation.Log): ReadonlyArray<UiMessage> {
    return new MessageReader(this.options.dynamic ?? (() => false)).read(log)
  }

  private at<E3, R3>(
    id: string,
    respond: (conversation: string) => Effect.Effect<Response, E3, R3>
  ): Effect.Effect<Response, E2, R2 | R3> {
    if (id === "") return Effect.succeed(HttpServerResponse.empty({ status: 404 }))
    return Effect.flatMap(
      this.options.conversation(id),
      (conversation) => Effect.catchAll(respond(conversation), (error) => this.failed(error))
    )
  }

  private respond<E3>(chunks: Stream.Stream<string, E3>): Response {
    const events = Stream.concat(chunks, Stream.succeed("[DONE]"))
    return sseResponse(mapBatches(events, (batch) => batch.map((data) => eventText(data))), {
      keepAlive: this.keepAlive,
      headers
    })
  }

  /** Those who run the server hear of what the user cannot mend. */
  private failed(error: unknown): Effect.Effect<Response> {
    const status = httpStatus(error)
    const response = refused(status, this.errorText(error), retryAfterSeconds(error))
    return status === 400 || status === 409 || status === 429
      ? Effect.succeed(response)
      : Effect.as(besideSpan(Effect.logWarning(`chat: answered with ${status}`, Cause.fail(error))), response)
  }
}

const usersIn = (messages: ReadonlyArray<{ readonly role: string }>): number =>
  messages.filter(({ role }) => role === "user").length

/** A browser shows the whole body as the message of the error, so it is a text for the user. */
const refused = (status: number, text: string, retryAfter?: number): Response =>
  HttpServerResponse.text(text, {
    status,
    ...(retryAfter === undefined ? {} : { headers: { "retry-after": `${retryAfter}` } })
  })

/** What the conversation had when the run began, with the input of the run and the decisions that it received. */
const beginning = (log: Conversation.Log, { entries }: Begun): Conversation.Log => ({
  version: log.version,
  entries: [
    ...log.entries.slice(0, entries),
    ...log.entries.slice(entries).filter((entry) =>
      entry._tag === "decision" || entry._tag === "input" && entry.by !== "run"
    )
  ]
})

const unreadLimit = (limit: Duration.DurationInput | "infinity"): Duration.DurationInput =>
  limit === "infinity" ? Duration.infinity : limit
