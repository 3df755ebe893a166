/** Where a call can be interrupted: after each piece of what a server sends, and wherever an agent waits. */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as Agent from "../../../src/agent/Agent.js"
import * as Middleware from "../../../src/agent/Middleware.js"
import * as Chat from "../../../src/services/Chat.js"
import * as Messages from "../../../src/services/Messages.js"
import * as Responses from "../../../src/services/Responses.js"
import { type CallName, isAgent, type Requirements, tools, wireOf } from "./calls.js"
import { close, pause, reset, type Step, write } from "./site.js"
import { good, head, toolCall, wires } from "./wire.js"

/** A moment of a call. */
export interface Stop {
  readonly name: string
  readonly respond: (n: number) => ReadonlyArray<Step>
  /** How many requests there are until then. */
  readonly requests: number
  /** Where an agent waits for its own program. */
  readonly waits?: "in a tool" | "between turns"
  readonly retryTurn?: true
}

/** The head, and both halves of each event. */
const pieces = (response: string): ReadonlyArray<string> => {
  const [headers = "", ...events] = response.split(/(?<=\n\n|\r\n\r\n)/)
  return [
    headers.slice(0, 20),
    headers.slice(20),
    ...events.flatMap((event) => {
      const half = Math.floor(event.length / 2)
      return [event.slice(0, half), event.slice(half)]
    })
  ]
}

const after = (response: string, name: string, before: ReadonlyArray<string>): ReadonlyArray<Stop> => {
  const all = pieces(response)
  return Array.from({ length: all.length + 1 }, (_, count) => ({
    name: `${name}, after ${count} of ${all.length} pieces`,
    requests: before.length + 1,
    respond: (n) =>
      n < before.length
        ? [write(before[n] ?? ""), close]
        : all.slice(0, count).flatMap((piece) => [write(piece), pause])
  }))
}

const overloaded = head(503, "retry-after: 30\r\n")
const firstTurn = good(wires.responses) + toolCall

export const stopsOf = (name: CallName): ReadonlyArray<Stop> => {
  const wire = wireOf(name)
  const response = good(wire) + wire.begun + wire.rest
  const retry = (before: ReadonlyArray<string>): Stop => ({
    name: "in the wait to try again",
    requests: before.length + 1,
    respond: (n) => [write(before[n] ?? overloaded), pause, close]
  })
  if (!isAgent(name)) return [...after(response, "in the response", []), retry([])]
  const called = (n: number) => n === 0 ? [write(firstTurn), close] : []
  return [
    ...after(firstTurn, "in the first turn", []),
    { name: "while a tool runs", waits: "in a tool", requests: 1, respond: called },
    { name: "between turns", waits: "between turns", requests: 1, respond: called },
    retry([]),
    ...after(response, "in the second turn", [firstTurn]),
    retry([firstTurn]),
    {
      name: "in the wait to ask for a turn again",
      requests: 2,
      retryTurn: true,
      respond: (n) => n === 0 ? called(n) : [write(good(wire) + wire.begun), pause, reset]
    }
  ]
}

const model = "test/model"
const messages = [{ role: "user", content: "A story!" }] as const

/** What a program does when it is interrupted. */
export interface Log {
  readonly released: Array<string>
}

const waiting = (log: Log, name: string): Effect.Effect<never> =>
  Effect.scoped(Effect.zipRight(
    Effect.acquireRelease(Effect.void, () => Effect.sync(() => void log.released.push(name))),
    Effect.never
  ))

export const handlers = (stop: Stop, log: Log) =>
  tools.toLayer({ work: () => stop.waits === "in a tool" ? waiting(log, "tool") : Effect.succeed("done") })

const agent = (stop: Stop, log: Log) => ({
  model,
  input: "A story!",
  tools,
  retryTurn: stop.retryTurn === true ? Schedule.spaced("1 hour") : undefined,
  middleware: Middleware.make({
    model: (request, next, { turn }) =>
      stop.waits === "between turns" && turn === 2 ? waiting(log, "middleware") : next(request),
    end: (_, exit) => Effect.sync(() => void log.released.push(`end: ${exit._tag}`))
  })
})

/** Starts a call that is not over before it is interrupted. */
export const begin = (name: CallName, stop: Stop, log: Log): Effect.Effect<void, unknown, Requirements> => {
  const ending = Effect.sync(() => void log.released.push("reader"))
  switch (name) {
    case "Chat.send":
      return Effect.asVoid(Chat.send({ model, messages }))
    case "Chat.stream":
      return Stream.runDrain(Stream.ensuring(Chat.stream({ model, messages }), ending))
    case "Responses.stream":
      return Stream.runDrain(Stream.ensuring(Responses.stream({ model, input: "A story!" }), ending))
    case "Messages.stream":
      return Stream.runDrain(Stream.ensuring(Messages.stream({ model, messages, max_tokens: 9 }), ending))
    case "Agent.run":
      return Effect.asVoid(Agent.run(agent(stop, log)))
    case "Agent.callModel":
      return Effect.scoped(
        Effect.flatMap(
          Agent.callModel(agent(stop, log)),
          ({ run, textStream }) => Effect.zipRight(Stream.runDrain(Stream.ensuring(textStream, ending)), run)
        )
      )
  }
}

/** What is released, in any order, when a call is interrupted there. */
export const releasedAt = (name: CallName, { waits }: Stop): ReadonlyArray<string> => [
  ...(isAgent(name) ? ["end: Failure"] : []),
  ...(waits === "in a tool" ? ["tool"] : waits === "between turns" ? ["middleware"] : []),
  ...(name === "Chat.send" || name === "Agent.run" ? [] : ["reader"])
]
