import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import { decodeText } from "../../internal/bytes.js"
import type { ConfigError } from "../../internal/effect/config.js"
import { excerpt, isObject, stringAt } from "../../internal/json.js"
import { readJsonPrefix } from "../../internal/jsonPrefix.js"
import type { PartialResponse } from "../../response/partialResponse.js"
import { readResponse } from "../../response/readResponse.js"
import type { OpenRouterError } from "../OpenRouterError.js"
import type { RequestOptions } from "../requestOptions.js"
import type { ResponseInfo } from "../responseInfo.js"
import { isPaid, type Row } from "../row.js"
import type { Connection } from "./connection.js"
import { scrubValue } from "./scrub.js"

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
    readonly row: Row,
    readonly response: HttpClientResponse,
    readonly info: ResponseInfo,
    readonly options: RequestOptions,
    readonly scrub: (text: string) => string,
    readonly connection: Connection,
    /** Removes the secrets of the request's headers alone, which costs little enough for a good response. */
    readonly scrubName: (text: string) => string
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
  get beginning(): Beginning {
    return this.keep(this.text)
  }

  /**
   * The fields of an error for a body that cannot be used, without its secrets. A paid response is kept whole, and read
   * as far as it can be read.
   */
  keep(text: string, body: unknown = isPaid(this.row) ? readJsonPrefix(text)?.value : undefined): Beginning {
    const received = this.scrub(text)
    const partial = isPaid(this.row) && isObject(body) ? readResponse(scrubValue(body, this.scrub)) : undefined
    return {
      received: text === "" ? undefined : isPaid(this.row) ? received : excerpt(received, 2000),
      generationId: this.info.generationId ?? partial?.generationId ?? this.idIn(body),
      partial
    }
  }

  private idIn(body: unknown): string | undefined {
    const id = stringAt(body, "id")
    return id === undefined ? undefined : this.scrub(id)
  }
}

interface Beginning {
  readonly received: string | undefined
  readonly generationId: string | undefined
  readonly partial: PartialResponse | undefined
}
