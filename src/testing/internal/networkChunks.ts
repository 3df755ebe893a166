import * as Duration from "effect/Duration"
import { concat } from "../../internal/bytes.js"
import type * as Script from "../Script.js"
import type { Ending, Frame, Frames } from "./bodyFrames.js"
import type { Wait } from "./connectionParts.js"

/**
 * The next action of a server that sends a body: send a chunk, or wait.
 *
 * @internal
 */
export type Segment = { readonly _tag: "Chunk"; readonly bytes: Uint8Array } | Wait

/** @internal */
export type Segments = Generator<Segment, Ending, undefined>

const utf8 = new TextEncoder()

/**
 * Frames to bytes in network chunks. Lazy: a segment is made when it is read.
 *
 * @internal
 */
export const encode = (
  frames: Frames,
  options: {
    readonly chunks?: Script.Chunks | undefined
    readonly lineEnd?: string | undefined
    readonly pace?: Duration.DurationInput | undefined
  }
): Segments => cut(bytes(frames, options.lineEnd ?? "\n", options.pace), options.chunks ?? "event")

/** @internal */
export const once = function*(bytes: Uint8Array, ending: Ending): Segments {
  if (bytes.length > 0) yield { _tag: "Chunk", bytes }
  return ending
}

const bytes = function*(frames: Frames, lineEnd: string, pace: Duration.DurationInput | undefined): Segments {
  const pause: Wait | undefined = pace === undefined ? undefined : { _tag: "Wait", until: Duration.decode(pace) }
  let next = frames.next()
  while (next.done !== true) {
    const frame = next.value
    if (frame._tag === "Wait") yield frame
    else {
      if (pause !== undefined && frame._tag === "Data" && frame.delta) yield pause
      yield { _tag: "Chunk", bytes: utf8.encode(textOf(frame, lineEnd)) }
    }
    next = frames.next()
  }
  return next.value
}

const textOf = (frame: Exclude<Frame, Wait>, lineEnd: string): string => {
  switch (frame._tag) {
    case "Text":
      return frame.text
    case "Comment":
      return `: ${frame.text}${lineEnd}${lineEnd}`
    case "Data": {
      const name = frame.name === undefined ? "" : `event: ${frame.name}${lineEnd}`
      return `${name}data: ${frame.data}${lineEnd}${lineEnd}`
    }
  }
}

/**
 * Cuts the bytes between two waits into other chunks. Bytes before a wait are sent before it.
 *
 * @internal
 */
export const cut = (segments: Segments, chunks: Script.Chunks): Segments =>
  chunks === "event" ? segments : recut(segments, chunks)

const recut = function*(segments: Segments, chunks: Exclude<Script.Chunks, "event">): Segments {
  let cuts = 0
  let held: Array<Uint8Array> = []
  let length = 0
  const size = (): number =>
    chunks === "whole" ? Infinity : Math.max(1, typeof chunks === "number" ? chunks : chunks[cuts] ?? Infinity)
  let next = segments.next()
  for (;;) {
    const step = next.done === true ? undefined : next.value
    if (step?._tag === "Chunk") {
      held.push(step.bytes)
      length += step.bytes.length
    }
    // a wait or the end sends all held bytes; otherwise a chunk is sent when it is full
    const enough = () => step?._tag === "Chunk" ? size() : 1
    if (length >= enough()) {
      let rest: Uint8Array = concat(held)
      while (rest.length >= enough()) {
        const end = size()
        yield { _tag: "Chunk", bytes: rest.subarray(0, end) }
        rest = rest.subarray(end)
        cuts++
      }
      held = [rest]
      length = rest.length
    }
    if (next.done === true) return next.value
    if (next.value._tag === "Wait") yield next.value
    next = segments.next()
  }
}
