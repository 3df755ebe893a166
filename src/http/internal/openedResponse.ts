import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import { decodeText } from "../../internal/bytes.js"
import type { ConfigError } from "../../internal/effect/config.js"
import { excerpt } from "../../internal/json.js"
import type { OpenRouterError } from "../OpenRouterError.js"
import type { RequestOptions } from "../requestOptions.js"
import type { ResponseInfo } from "../responseInfo.js"
import type { Connection } from "./connection.js"

/** @internal */
export type KernelError = OpenRouterError | ConfigError

/**
 * A response whose headers have arrived. It keeps what is read of its body as text, so that an error can show the
 * beginning of a body that does not arrive whole.
 *
 * @internal
 */
export class OpenedResponse {
  private readonly pieces: Array<Uint8Array> = []
  private bytes = 0

  constructor(
    readonly response: HttpClientResponse,
    readonly info: ResponseInfo,
    readonly options: RequestOptions,
    readonly scrub: (text: string) => string,
    readonly connection: Connection
  ) {}

  /** Adds a piece of the body and returns how many bytes have arrived. */
  receive(piece: Uint8Array): number {
    this.pieces.push(piece)
    return this.bytes += piece.length
  }

  /** What has arrived of the body. */
  get text(): string {
    return decodeText(this.pieces)
  }

  /** The fields of an error for a body that did not arrive whole. */
  get beginning(): { readonly received: string | undefined; readonly generationId: string | undefined } {
    const { text } = this
    return {
      received: text === "" ? undefined : excerpt(this.scrub(text), 2000),
      generationId: this.info.generationId
    }
  }
}
