import * as Cookies from "@effect/platform/Cookies"
import type { Headers } from "@effect/platform/Headers"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as HttpIncomingMessage from "@effect/platform/HttpIncomingMessage"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { concat } from "../../internal/bytes.js"

type Failure = HttpClientError.ResponseError

/**
 * A response whose body is an Effect stream all the way, so that its waits are the Clock's.
 *
 * @internal
 */
export class ScriptedResponse extends Inspectable.Class implements HttpClientResponse.HttpClientResponse {
  readonly [HttpIncomingMessage.TypeId]: HttpIncomingMessage.TypeId = HttpIncomingMessage.TypeId
  readonly [HttpClientResponse.TypeId]: HttpClientResponse.TypeId = HttpClientResponse.TypeId
  readonly remoteAddress = Option.none<string>()
  readonly cookies = Cookies.empty
  readonly stream: Stream.Stream<Uint8Array, Failure>

  constructor(
    readonly request: HttpClientRequest,
    readonly status: number,
    readonly headers: Headers,
    body: (failure: (cause: unknown) => Failure) => Stream.Stream<Uint8Array, Failure>
  ) {
    super()
    this.stream = body((cause) => this.failure(cause))
  }

  private failure(cause: unknown): Failure {
    return new HttpClientError.ResponseError({ request: this.request, response: this, reason: "Decode", cause })
  }

  private get bytes(): Effect.Effect<Uint8Array<ArrayBuffer>, Failure> {
    return Effect.map(Stream.runCollect(this.stream), (chunks) => concat(Chunk.toReadonlyArray(chunks)))
  }

  get arrayBuffer(): Effect.Effect<ArrayBuffer, Failure> {
    return Effect.map(this.bytes, (bytes) => bytes.buffer)
  }

  get text(): Effect.Effect<string, Failure> {
    return Effect.map(this.bytes, (bytes) => new TextDecoder().decode(bytes))
  }

  get json(): Effect.Effect<unknown, Failure> {
    return Effect.tryMap(this.text, {
      try: (text): unknown => text === "" ? null : JSON.parse(text),
      catch: (cause) => this.failure(cause)
    })
  }

  get urlParamsBody(): Effect.Effect<UrlParams.UrlParams, Failure> {
    return Effect.map(this.text, (text) => UrlParams.fromInput(new URLSearchParams(text)))
  }

  get formData(): Effect.Effect<FormData, Failure> {
    return Effect.flatMap(this.bytes, (bytes) =>
      Effect.tryPromise({
        try: () => new Response(bytes, { headers: { "content-type": this.headers["content-type"] ?? "" } }).formData(),
        catch: (cause) => this.failure(cause)
      }))
  }

  toJSON(): unknown {
    return { _id: "effect-openrouter/testing/ScriptedResponse", status: this.status, headers: this.headers }
  }
}
