import * as Duration from "effect/Duration"
import type * as Script from "../Script.js"
import { type Frames, jsonFrames } from "./bodyFrames.js"
import * as chat from "./chat.js"
import * as completions from "./completions.js"
import type { Fail, FailureForm, Wait } from "./connectionParts.js"
import { errorResponse, failureForm, type FailureForms } from "./errorBodies.js"
import * as messages from "./messages.js"
import { cut, encode, once, type Segments } from "./networkChunks.js"
import type { Api, RecordedRequest } from "./recording.js"
import { type ResolvedTurn, resolveTurn } from "./resolvedTurn.js"
import * as responses from "./responses.js"

/**
 * A complete response of the scripted client or server: status, headers, delays and bytes.
 *
 * @internal
 */
export type PlannedResponse =
  | {
    readonly _tag: "Response"
    readonly delay: Wait | undefined
    readonly status: number
    readonly headers: { readonly [name: string]: string }
    readonly body: Segments
  }
  | { readonly _tag: "NoResponse"; readonly delay: Wait | undefined; readonly how: Script.NoReplyReason }

interface Renderer {
  readonly failureForms: FailureForms<FailureForm>
  readonly stream: (turn: ResolvedTurn) => Frames
  readonly result: (turn: ResolvedTurn, failure: Fail | undefined) => unknown
}

const renderers: { readonly [api in Api]: Renderer } = { chat, responses, messages, completions }

/** @internal */
export const planResponse = (turn: Script.Turn, request: RecordedRequest, now: number): PlannedResponse => {
  const delay: Wait | undefined = turn.delay === undefined
    ? undefined
    : { _tag: "Wait", until: Duration.decode(turn.delay) }
  const response = (status: number, headers: { readonly [name: string]: string }, body: Segments): PlannedResponse => ({
    _tag: "Response",
    delay,
    status,
    headers: { ...headers, ...lowerCased(turn.headers ?? {}) },
    body
  })
  switch (turn._tag) {
    case "NoReply":
      return { _tag: "NoResponse", delay, how: turn.how }
    case "Reply": {
      const { bytes, type } = bytesOf(turn.body)
      const headers = bytes.length === 0 && turn.body !== "" ? {} : { "content-type": type }
      return response(turn.status ?? 200, headers, cut(once(bytes, turn.then ?? "end"), turn.chunks ?? "event"))
    }
    case "Failure": {
      const { body, headers } = errorResponse(turn, request.api, now)
      return response(
        turn.status,
        { "content-type": "application/json", ...headers },
        cut(once(utf8.encode(JSON.stringify(body)), "end"), turn.chunks ?? "event")
      )
    }
    case "ModelResponse": {
      const resolved = resolveTurn(turn, request, now)
      const api = request.api ?? "chat"
      const renderer = renderers[api]
      for (const part of turn.parts) if (part._tag === "Fail") failureForm(api, renderer.failureForms, part)
      const frames = request.stream
        ? renderer.stream(resolved)
        : jsonFrames(resolved, (failure) => renderer.result(resolved, failure))
      const type = request.stream ? "text/event-stream" : "application/json"
      return response(
        200,
        { "content-type": type, "cache-control": "no-cache", "x-generation-id": resolved.id },
        encode(frames, turn)
      )
    }
  }
}

const utf8 = new TextEncoder()

const bytesOf = (body: unknown): { readonly bytes: Uint8Array; readonly type: string } => {
  if (body instanceof Uint8Array) return { bytes: body, type: "application/octet-stream" }
  if (typeof body !== "string") {
    return { bytes: utf8.encode(JSON.stringify(body) ?? ""), type: "application/json" }
  }
  return { bytes: utf8.encode(body), type: body.trimStart().startsWith("<") ? "text/html" : "text/plain" }
}

const lowerCased = (headers: { readonly [name: string]: string }): { readonly [name: string]: string } =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
