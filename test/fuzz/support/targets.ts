/** What is fuzzed: the functions that a user calls, over a client that answers with what a case made up. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Agent from "../../../src/agent/Agent.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as OpenRouterClient from "../../../src/http/OpenRouterClient.js"
import * as Chat from "../../../src/services/Chat.js"
import * as Completions from "../../../src/services/Completions.js"
import * as Embeddings from "../../../src/services/Embeddings.js"
import * as Images from "../../../src/services/Images.js"
import * as Interns from "../../../src/services/Interns.js"
import * as Messages from "../../../src/services/Messages.js"
import * as Models from "../../../src/services/Models.js"
import * as Responses from "../../../src/services/Responses.js"
import * as EventStream from "../../../src/stream/EventStream.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { cut } from "../../recorded/support/chunks.js"
import { conversations } from "./conversations.js"
import type { Dice } from "./dice.js"
import { bytes, mutate } from "./mutate.js"
import { json, text } from "./nasty.js"
import type { Seeds } from "./seeds.js"

/** One case, to be run once; its input is in `describe`. */
export interface Case {
  readonly input: string
  readonly run: Effect.Effect<unknown, unknown>
}

export type Target = (dice: Dice, seeds: Seeds) => Case

/** The body in up to eight pieces, cut anywhere. */
const pieces = (body: Uint8Array, dice: Dice): ReadonlyArray<Uint8Array> =>
  cut(body, Array.from({ length: dice.below(8) }, () => 1 + dice.below(body.length)))

const bodyOf = (pieces: ReadonlyArray<Uint8Array>): ReadableStream<Uint8Array> => {
  const left = [...pieces]
  return new ReadableStream({
    pull: (controller) => {
      const piece = left.shift()
      if (piece === undefined) controller.close()
      else controller.enqueue(piece)
    }
  })
}

const answering = (status: number, type: string, parts: ReadonlyArray<Uint8Array>) =>
  OpenRouterClient.layer({ apiKey: Redacted.make("sk-or-v1-fuzz"), retry: false }).pipe(
    Layer.provide(Layer.succeed(
      HttpClient.HttpClient,
      HttpClient.make((request) =>
        Effect.sync(() =>
          HttpClientResponse.fromWeb(
            request,
            new Response(bodyOf(parts), { status, headers: { "content-type": type } })
          )
        )
      )
    ))
  )

const model = "a/b"

type Call = Effect.Effect<unknown, unknown, OpenRouterClient.OpenRouterClient>

/** The JSON of a value. Bodies that are nested too deep for it are compared only by how far they came. */
const jsonOf = (value: unknown): string => {
  try {
    return JSON.stringify(value)
  } catch {
    return "nested too deep"
  }
}

/** What a call showed: the events, and then how it ended. Errors are compared by what they say. */
const shown = <A, E, R>(events: ReadonlyArray<unknown>, call: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.either(call), (end) => {
    const error = Either.isLeft(end) ? [String(end.left), end.left] : []
    return `${events.length} ${jsonOf([events, Either.isRight(end) ? end.right : undefined, error])}`
  })

/** A stream, read with `forEach` as well: the same bytes have to show the same. */
const twice = <Params, Event, Result, E>(
  endpoint: EventStream.StreamEndpoint<Params, Event, Result, E>,
  params: Params
): Call =>
  Effect.suspend(() => {
    const streamed: Array<Event> = []
    const direct: Array<Event> = []
    const see = (events: Array<Event>) => (event: Event) => Effect.sync(() => void events.push(event))
    const call = EventStream.accumulate(Stream.tap(endpoint(params), see(streamed)), endpoint.protocol)
    const compared = Effect.zipWith(
      shown(streamed, call),
      shown(direct, endpoint.forEach(params, see(direct))),
      (one, other) => one === other ? Effect.void : Effect.die(`a stream shows ${one}, and forEach ${other}`)
    )
    return Effect.zipRight(Effect.flatten(compared), call)
  })

const streamed: { readonly [api: string]: Call } = {
  chat: twice(Chat.stream, { model, messages: [] }),
  responses: twice(Responses.stream, { model, input: "Hi" }),
  agent: Agent.run({ model, input: "Hi" }),
  messages: twice(Messages.stream, { model, max_tokens: 9, messages: [] }),
  completions: twice(Completions.stream, { model, prompt: "Hi" }),
  images: twice(Images.stream, { model, prompt: "Hi" }),
  interns: twice(Interns.chat, { internId: "a", messages: [] })
}

const whole: { readonly [api: string]: Call } = {
  chat: Chat.send({ model, messages: [] }),
  responses: Responses.send({ model, input: "Hi" }),
  messages: Messages.send({ model, max_tokens: 9, messages: [] }),
  models: Models.list(),
  embeddings: Embeddings.generate({ model, input: "Hi" })
}

/** The API whose responses look like the text. */
const apiOf = (text: string, dice: Dice): string => {
  if (/"response\.|"object":\s?"response"/.test(text)) return dice.pick(["responses", "agent"])
  if (/"message_start"|"type":\s?"message"/.test(text)) return "messages"
  if (/"embedding"/.test(text)) return "embeddings"
  if (/"image_generation/.test(text)) return "images"
  return /"choices"/.test(text) ? dice.pick(["chat", "chat", "completions", "interns"]) : "models"
}

/** Mostly the call that fits the response, sometimes another. */
const callFor = (text: string, calls: { readonly [api: string]: Call }, dice: Dice): Call => {
  const all = Object.values(calls)
  const any = all[dice.below(all.length)] ?? Effect.void
  return dice.chance(0.8) ? calls[apiOf(text, dice)] ?? any : any
}

const statuses = [200, 200, 200, 200, 400, 401, 402, 404, 408, 413, 422, 429, 500, 502, 503, 524, 529] as const

const stream = (input: string, dice: Dice): Case => {
  const call = callFor(input, streamed, dice)
  const parts = pieces(bytes(input, dice), dice)
  return { input, run: Effect.provide(call, answering(200, "text/event-stream", parts)) }
}

/** Recorded streams with changed bytes, lines, events and values. */
const streams: Target = (dice, seeds) => stream(mutate(dice.pick(seeds.streams), dice, true), dice)

const types = [
  "response.created",
  "response.output_item.added",
  "response.output_item.done",
  "response.output_text.delta",
  "response.function_call_arguments.delta",
  "response.completed",
  "message_start",
  "content_block_start",
  "content_block_delta",
  "content_block_stop",
  "message_delta",
  "message_stop",
  "image_generation.partial_image",
  "image_generation.text_chunk",
  "image_generation.completed",
  "error",
  "unheard.of"
] as const

/** Events in any order, with any values in their fields. */
const sequences: Target = (dice) => {
  const fields = ["index", "output_index", "content_index", "item_id", "delta", "item", "response", "choices", "part"]
  const event = (): string => {
    const more = fields.filter(() => dice.chance(0.3)).map((name) => `,${JSON.stringify(name)}:${json(dice)}`)
    return `data: {"type":"${dice.pick(types)}"${more.join("")}}\n\n`
  }
  return stream(Array.from({ length: 1 + dice.below(12) }, event).join("") + dice.pick(["", "data: [DONE]\n\n"]), dice)
}

/** Chunks of completions with any values in the fields of their choices, deltas and calls. */
const chunks: Target = (dice) => {
  const some = (names: ReadonlyArray<string>, inner: string): string => {
    const fields = names.filter(() => dice.chance(0.4)).map((name) => `${JSON.stringify(name)}:${json(dice)}`)
    return `{${[...fields, ...(inner === "" ? [] : [inner])].join(",")}}`
  }
  const chunk = (): string => {
    const call = some(["index", "id", "type"], `"function":${some(["name", "arguments"], "")}`)
    const delta = some(
      ["content", "reasoning", "reasoning_details", "annotations", "images", "audio", "__proto__", "novelty"],
      dice.chance(0.5) ? `"tool_calls":[${call},${call}]` : ""
    )
    const choice = some(["index", "text", "finish_reason", "logprobs", "__proto__"], `"delta":${delta}`)
    return `data: ${some(["id", "model", "usage", "error", "__proto__"], `"choices":[${choice}]`)}\n\n`
  }
  return stream(Array.from({ length: 1 + dice.below(8) }, chunk).join("") + dice.pick(["", "data: [DONE]\n\n"]), dice)
}

/** Recorded responses with changed values and text, under any status. */
const bodies: Target = (dice, seeds) => {
  const input = dice.chance(0.8) ? mutate(dice.pick(seeds.bodies), dice, false) : text(dice)
  const type = dice.pick(["application/json", "application/json", "text/html", ""])
  const call = callFor(input, dice.chance(0.1) ? streamed : whole, dice)
  return { input, run: Effect.provide(call, answering(dice.pick(statuses), type, pieces(bytes(input, dice), dice))) }
}

const Find = Tool.make("find", {
  parameters: Schema.Struct({
    city: Schema.String,
    days: Schema.optional(Schema.Array(Schema.NumberFromString)),
    more: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.Unknown }))
  }),
  success: Schema.Unknown
})
const Anything = Tool.make("anything", {
  parameters: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
  success: Schema.Unknown
})
const Tools = Toolkit.make(Find, Anything)

/** Tools that return their arguments. */
const Echo = Tools.toLayer({
  find: (parameters) => Effect.succeed(parameters),
  anything: (parameters) => Effect.succeed(parameters)
})

/** Calls of known and unknown tools, with any text as arguments. */
const toolArguments: Target = (dice) => {
  const calls = Array.from({ length: 1 + dice.below(3) }, () => {
    const input = dice.chance(0.5)
      ? text(dice)
      : mutate(`{"city":"Paris","days":["1"],"more":{"a":{"b":1}}}`, dice, false)
    const name = dice.pick(["find", "anything", "anything", "__proto__", "constructor"])
    return { name, input }
  })
  return {
    input: JSON.stringify(calls),
    run: Agent.run({ model, input: "Go", tools: Tools }).pipe(
      Effect.provide(Layer.merge(
        Echo,
        TestModel.layer([calls.map(({ input, name }) => Script.toolCall(name, input)), "Done"], {
          client: { retry: false }
        })
      ))
    )
  }
}

const Report = Schema.Struct({
  title: Schema.String,
  count: Schema.optional(Schema.NumberFromString),
  sources: Schema.Array(Schema.Struct({ url: Schema.String, by: Schema.NullOr(Schema.Array(Schema.String)) })),
  kind: Schema.Union(
    Schema.Struct({ type: Schema.Literal("short"), words: Schema.Int }),
    Schema.Struct({ type: Schema.Literal("long"), pages: Schema.Int })
  )
})

const report =
  `{"title":"On \\u00e9 and \\"so\\"","count":"3","sources":[{"url":"a","by":null},{"url":"b","by":["c","d"]}],` +
  `"kind":{"type":"long","pages":2}}`

/** Structured values in any pieces: read while they arrive, and as a whole, they have to end the same. */
const values: Target = (dice) => {
  const input = dice.chance(0.8) ? mutate(report, dice, false) : `${text(dice)}${report}${text(dice)}`
  const cuts = Array.from({ length: dice.below(9) }, () => dice.below(input.length + 1)).sort((a, b) => a - b)
  const parts = [0, ...cuts].map((start, index) => input.slice(start, cuts[index] ?? input.length))
  const params = { model, messages: [], schema: Report } as const
  const streamed = Effect.suspend(() => {
    const elements: Array<unknown> = []
    let done: unknown
    return Chat.streamObject({ ...params, elements: "sources" }).pipe(
      Stream.runForEach((part) =>
        Effect.sync(() => {
          jsonOf(part)
          if (part._tag === "element") elements[part.index] = part.value
          if (part._tag === "done") done = part.value
        })
      ),
      Effect.map(() => ({ done, elements }))
    )
  })
  const compared = Effect.gen(function*() {
    const whole = yield* Effect.either(Chat.object(params))
    const arriving = yield* Effect.either(streamed)
    if (Either.isLeft(whole)) {
      return yield* Either.isLeft(arriving) && arriving.left._tag === whole.left._tag
        ? Effect.fail(whole.left)
        : Effect.die(`as a whole: ${whole.left._tag}, while it arrives: ${jsonOf(arriving)}`)
    }
    if (Either.isLeft(arriving)) return yield* Effect.die(`a value as a whole, while it arrives: ${arriving.left._tag}`)
    const { value } = whole.right
    const { done, elements } = arriving.right
    // Of a text that is nested too deep, not all elements are shown before the end
    return jsonOf([value, value.sources.slice(0, elements.length)]) === jsonOf([done, elements])
      ? undefined
      : yield* Effect.die(`as a whole: ${jsonOf(value)}, while it arrives: ${jsonOf(arriving.right)}`)
  })
  const turn = parts.length === 0 ? [""] : [Script.text(parts)]
  return {
    input: JSON.stringify(parts),
    run: Effect.provide(compared, TestModel.layer([turn, turn], { client: { retry: false } }))
  }
}

export const targets: Readonly<Record<string, Target>> = {
  streams,
  sequences,
  chunks,
  bodies,
  toolArguments,
  values,
  conversations
}
