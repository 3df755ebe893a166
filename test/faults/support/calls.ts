/** The six calls of the matrix, and the text that describes how each ended. */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Agent from "../../../src/agent/Agent.js"
import type { Progress, Run } from "../../../src/agent/internal/run.js"
import type { ModelResult } from "../../../src/agent/internal/views/modelResult.js"
import * as Middleware from "../../../src/agent/Middleware.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import { type OpenRouterClient, withOptions } from "../../../src/http/OpenRouterClient.js"
import type { RequestOptions } from "../../../src/http/requestOptions.js"
import { isObject, numberAt, objectAt, stringAt } from "../../../src/internal/json.js"
import * as Chat from "../../../src/services/Chat.js"
import * as Messages from "../../../src/services/Messages.js"
import * as Responses from "../../../src/services/Responses.js"

import type { ConfigError } from "../../../src/internal/effect/config.js"
import { getters } from "../../agent/scenarios/getters.js"
import { type Wire, wires } from "./wire.js"

export type CallName =
  | "Chat.send"
  | "Chat.stream"
  | "Responses.stream"
  | "Messages.stream"
  | "Agent.run"
  | "Agent.callModel"

export const callNames: ReadonlyArray<CallName> = [
  "Chat.send",
  "Chat.stream",
  "Responses.stream",
  "Messages.stream",
  "Agent.run",
  "Agent.callModel"
]

export const isAgent = (name: CallName): boolean => name.startsWith("Agent")

export const wireOf = (name: CallName): Wire => {
  switch (name) {
    case "Chat.send":
      return wires.json
    case "Chat.stream":
      return wires.chat
    case "Messages.stream":
      return wires.messages
    default:
      return wires.responses
  }
}

const model = "test/model"
const messages = [{ role: "user", content: "A story!" }] as const

const Work = Tool.make("work", { success: Schema.String })
export const tools = Toolkit.make(Work)

const ended = (exit: Exit.Exit<string, unknown>, seen?: string): End => ({
  outcome: Exit.match(exit, { onSuccess: quoted, onFailure: (cause) => ofCause(cause, seen) })
})

const ofStream = <E, R>(texts: Stream.Stream<string, E, R>): Effect.Effect<End, never, R> =>
  Effect.suspend(() => {
    let seen = ""
    return Stream.runForEach(texts, (text) => Effect.sync(() => void (seen += text))).pipe(
      Effect.exit,
      Effect.map((exit) => ended(Exit.map(exit, () => seen), seen))
    )
  })

const ofRun = (exit: Exit.Exit<Run<unknown>, { readonly progress: Progress }>, seen?: string): End =>
  Exit.match(exit, {
    onSuccess: (run) => ({ outcome: `${run.outcome._tag} ${quoted(run.text)}`, progress: ofProgress(run) }),
    onFailure: (cause) => ({
      outcome: ofCause(cause, seen),
      ...Option.match(Cause.failureOption(cause), {
        onNone: () => ({}),
        onSome: ({ progress }) => ({ progress: ofProgress(progress) })
      })
    })
  })

const ofProgress = ({ cost, items, steps, text, unsettled }: Progress): string =>
  [
    steps.length === 1 ? "1 step" : `${steps.length} steps`,
    `${items.length} items`,
    `$${cost}`,
    ...(text === "" ? [] : [quoted(text)]),
    ...unsettled.map((id) => `unsettled ${id}`)
  ].join(", ")

/** All views of a run end as the run itself does. */
const ofModel = <T extends Tool.Any, A, E extends { readonly progress: Progress }>(
  result: ModelResult<T, A, E>
): Effect.Effect<End> =>
  Effect.gen(function*() {
    const views = Object.entries(yield* Effect.all(getters(result), { concurrency: "unbounded" }))
    const exit = yield* Effect.exit(result.run)
    const seen = views.flatMap(([name, { seen }]) => name === "textStream" ? seen : []).join("")
    const end = ofRun(exit, seen)
    const unlike = views.filter(([, view]) => view.exit._tag !== exit._tag).map(([name]) => name)
    return unlike.length === 0 ? end : { ...end, outcome: `${end.outcome}, other than ${unlike.join()}` }
  })

const agent = (elsewhere: RequestOptions) => ({
  model,
  input: "A story!",
  tools,
  middleware: Middleware.make({
    model: (request, next, { turn }) => turn === 1 ? next(request) : withOptions(next(request), elsewhere)
  })
})

/** What the calls need. */
export type Requirements = OpenRouterClient | Toolkit.HandlerTags<typeof Work>

/** How a call ended, and what a run had done until then. */
export interface End {
  readonly outcome: string
  readonly progress?: string
}

/** Makes a call, and tells how it ended. The first turn of an agent does not go `elsewhere`. */
export const call = (
  name: CallName,
  elsewhere: RequestOptions
): Effect.Effect<End, ConfigError, Requirements> => {
  switch (name) {
    case "Chat.send":
      return Chat.send({ model, messages }).pipe(
        withOptions(elsewhere),
        Effect.map(Chat.text),
        Effect.exit,
        Effect.map((exit) => ended(exit))
      )
    case "Chat.stream":
      return ofStream(Chat.stream({ model, messages }).pipe(withOptions(elsewhere), Chat.textDeltas))
    case "Responses.stream":
      return ofStream(Responses.stream({ model, input: "A story!" }).pipe(withOptions(elsewhere), Responses.textDeltas))
    case "Messages.stream":
      return ofStream(
        Messages.stream({ model, messages, max_tokens: 99 }).pipe(withOptions(elsewhere), Messages.textDeltas)
      )
    case "Agent.run":
      return Effect.map(Effect.exit(Agent.run(agent(elsewhere))), (exit) => ofRun(exit))
    case "Agent.callModel":
      return Effect.scoped(Effect.flatMap(Agent.callModel(agent(elsewhere)), ofModel))
  }
}

const quoted = (text: string): string => `“${text.length > 60 ? `${text.slice(0, 3)}…(${text.length})` : text}”`

/** The end of what was received; bytes that are no text differ from one compressor to the other. */
const received = (text: string): string => {
  const line = text.replaceAll(/\s+/g, " ").trim()
  return text.includes("\0") ? "bytes" : quoted(line.length > 60 ? `…${line.slice(-16)}` : line)
}

export const ofCause = (cause: Cause.Cause<unknown>, seen?: string): string => {
  if (Cause.isInterruptedOnly(cause)) return "interrupted"
  return Option.match(Cause.failureOption(cause), {
    onNone: () => `DEFECT ${Cause.pretty(cause)}`,
    onSome: (error) => ofError(error, seen)
  })
}

/** Other codes differ from one runtime to the next. */
const systemCode = (code: string | undefined): string | undefined => code?.match(/^E[A-Z]+$/)?.[0]

/** An error as text: its tag, status, fields and partial response, and the first sentence of the server. */
const ofError = (error: unknown, seen: string | undefined): string => {
  const partial = objectAt(error, "partial")
  const text = partial === undefined ? undefined : stringAt(partial, "text") ?? ""
  const body = stringAt(error, "received")
  const retryAfter = isObject(error) ? error["retryAfter"] : undefined
  return [
    stringAt(error, "_tag"),
    stringAt(error, "_tag") === "OpenRouterDefaultError" ? numberAt(error, "status") : undefined,
    stringAt(error, "phase"),
    stringAt(error, "phase") === "connect" ? systemCode(stringAt(error, "code")) : undefined,
    "status" in Object(error)
      ? quoted(/^[^.(]*/.exec(stringAt(error, "message")?.replace(/^\w+\.\w+: /, "") ?? "")?.[0].trim() ?? "")
      : undefined,
    body === undefined ? undefined : `received ${received(body)}`,
    text === undefined ? undefined : `partial ${quoted(text)}`,
    seen === undefined || seen === (text ?? "") ? undefined : `seen ${quoted(seen)}`,
    numberAt(partial, "cost") === undefined ? undefined : `$${numberAt(partial, "cost")}`,
    stringAt(error, "generationId"),
    Duration.isDuration(retryAfter) ? `retryAfter ${Duration.format(retryAfter)}` : undefined
  ].filter((part) => part !== undefined).join(" ")
}
