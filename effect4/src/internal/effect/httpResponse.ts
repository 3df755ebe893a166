/** A response of the platform that is made by hand. Effect 3 asks for fewer fields. */
import * as Effect from "effect/Effect"
import * as Cookies from "effect/http/Cookies"
import type { Headers } from "effect/http/Headers"
import type { HttpClientRequest } from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as HttpIncomingMessage from "effect/http/HttpIncomingMessage"
import * as UrlParams from "effect/http/UrlParams"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import { Prototype } from "effect/Pipeable"
import type * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import { concat } from "../bytes.js"
import { collect } from "./batches.js"
import { type BodyFailure, bodyFailure } from "./httpFailures.js"

/**
 * A response whose body is a stream of Effect from its source on, so that a test clock controls its waits.
 *
 * @internal
 */
export class StreamResponse extends Inspectable.Class implements HttpClientResponse.HttpClientResponse {
  readonly [HttpIncomingMessage.TypeId]: typeof HttpIncomingMessage.TypeId = HttpIncomingMessage.TypeId
  readonly [HttpClientResponse.TypeId]: typeof HttpClientResponse.TypeId = HttpClientResponse.TypeId
  readonly remoteAddress = Option.none<string>()
  readonly pipe = Prototype.pipe
  readonly stream: Stream.Stream<Uint8Array, BodyFailure>

  constructor(
    readonly request: HttpClientRequest,
    readonly status: number,
    readonly headers: Headers,
    body: (failure: (cause: unknown) => BodyFailure) => Stream.Stream<Uint8Array, BodyFailure>,
    readonly cookies: Cookies.Cookies = Cookies.empty
  ) {
    super()
    this.stream = body((cause) => this.failure(cause))
  }

  private failure(cause: unknown): BodyFailure {
    return bodyFailure(this.request, this, cause)
  }

  private get bytes(): Effect.Effect<Uint8Array<ArrayBuffer>, BodyFailure> {
    return Effect.map(collect(this.stream), concat)
  }

  get arrayBuffer(): Effect.Effect<ArrayBuffer, BodyFailure> {
    return Effect.map(this.bytes, (bytes) => bytes.buffer)
  }

  get text(): Effect.Effect<string, BodyFailure> {
    return Effect.map(this.bytes, (bytes) => new TextDecoder().decode(bytes))
  }

  get json(): Effect.Effect<Schema.Json, BodyFailure> {
    return Effect.flatMap(this.text, (text) =>
      Effect.try({
        try: (): Schema.Json => text === "" ? null : JSON.parse(text),
        catch: (cause) => this.failure(cause)
      }))
  }

  get url(): string {
    return this.request.url
  }

  get upgrade(): Effect.Effect<never, BodyFailure> {
    return Effect.fail(this.failure("the response was made by hand and has no connection"))
  }

  get urlParamsBody(): Effect.Effect<UrlParams.UrlParams, BodyFailure> {
    return Effect.map(this.text, (text) => UrlParams.fromInput(new URLSearchParams(text)))
  }

  get formData(): Effect.Effect<FormData, BodyFailure> {
    return Effect.flatMap(this.bytes, (bytes) =>
      Effect.tryPromise({
        try: () => new Response(bytes, { headers: { "content-type": this.headers["content-type"] ?? "" } }).formData(),
        catch: (cause) => this.failure(cause)
      }))
  }

  toJSON(): unknown {
    return { _id: "effect-openrouter/StreamResponse", status: this.status, headers: this.headers }
  }
}
