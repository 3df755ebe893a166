import type { ConnectionPart, Fail, Wait } from "./connectionParts.js"
import type { ResolvedTurn } from "./resolvedTurn.js"

/**
 * A piece of a body: the data of an event, verbatim text, a comment, or a wait. `delta` marks the events with content of
 * the model, because `pace` delays only these.
 *
 * @internal
 */
export type Frame =
  | { readonly _tag: "Data"; readonly data: string; readonly name: string | undefined; readonly delta: boolean }
  | { readonly _tag: "Text"; readonly text: string }
  | { readonly _tag: "Comment"; readonly text: string }
  | Wait

/**
 * How a body ends.
 *
 * @internal
 */
export type Ending = "end" | "stall" | "reset"

/** @internal */
export type Frames = Generator<Frame, Ending, undefined>

/** @internal */
export const data = (payload: unknown, name?: string): Frame => ({
  _tag: "Data",
  data: typeof payload === "string" ? payload : JSON.stringify(payload),
  name,
  delta: false
})

/** @internal */
export const delta = (payload: unknown, name?: string): Frame => ({
  _tag: "Data",
  data: JSON.stringify(payload),
  name,
  delta: true
})

const keepAlive: Frame = { _tag: "Comment", text: "OPENROUTER PROCESSING" }

/** @internal */
export const keepAlives = function*(count: number): Generator<Frame, void, undefined> {
  for (let i = 0; i < count; i++) yield keepAlive
}

/**
 * The effect of a connection part on a stream: a frame to send, or the end of the stream.
 *
 * @internal
 */
export const connectionFrame = (
  part: Exclude<ConnectionPart, Fail>,
  nameOf: (payload: unknown) => string | undefined = () => undefined
): Frame | Ending => {
  switch (part._tag) {
    case "Wait":
    case "Comment":
      return part
    case "Event":
      return data(part.payload, nameOf(part.payload))
    case "Raw":
      return { _tag: "Text", text: part.text }
    case "Truncate":
      return "end"
    case "Stall":
      return "stall"
    case "Reset":
      return "reset"
  }
}

/**
 * A response without a stream: blanks as keep-alives, then one JSON text.
 *
 * @internal
 */
export const jsonFrames = function*(turn: ResolvedTurn, body: (failure: Fail | undefined) => unknown): Frames {
  yield* padding(turn.comments)
  for (const part of turn.parts) {
    switch (part._tag) {
      case "Wait":
        yield part
        break
      case "Comment":
        yield* padding(1)
        break
      case "Stall":
        return "stall"
      case "Truncate":
        yield half(body(undefined))
        return "end"
      case "Reset":
        yield half(body(undefined))
        return "reset"
      case "Fail":
        yield { _tag: "Text", text: JSON.stringify(body(part)) }
        return "end"
    }
  }
  yield { _tag: "Text", text: JSON.stringify(body(undefined)) }
  return "end"
}

const padding = function*(count: number): Generator<Frame, void, undefined> {
  for (let i = 0; i < count; i++) yield { _tag: "Text", text: "\n         \n" }
}

const half = (body: unknown): Frame => {
  const text = JSON.stringify(body)
  return { _tag: "Text", text: text.slice(0, Math.ceil(text.length / 2)) }
}
