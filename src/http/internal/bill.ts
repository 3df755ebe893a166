import { identity } from "effect/Function"
import type { PartialResponse } from "../../response/partialResponse.js"
import { hasOutput } from "../../response/readResponse.js"
import { noUsage, readUsage } from "../../response/usage.js"
import { isPaid, type Row } from "../row.js"
import type { Payer } from "../spending.js"

/** What is known of a response, whole or not. */
interface Received {
  readonly partial?: PartialResponse | undefined
  /** The id in the headers, which comes first: the body may have another one. */
  readonly generationId?: string | undefined
  /** Removes secrets from an id in the body. That of an error has none. */
  readonly scrubName?: ((text: string) => string) | undefined
}

/**
 * Tells everybody who pays for a call what each of its attempts cost. Endpoints that cost nothing have no bill.
 *
 * @internal
 */
export class Bill {
  readonly isPaid: boolean
  /** Whether the response is counted: an interruption right behind it must not count it again. */
  private isClosed = false

  constructor(private readonly row: Row, private readonly payers: ReadonlySet<Payer>) {
    this.isPaid = payers.size > 0 && isPaid(row)
  }

  /** A response that was read to its end. Without a usage it is unsettled, unless it is empty: that is not charged. */
  succeeded(received: Received & { readonly partial: PartialResponse }): void {
    this.isClosed = true
    if (this.isPaid) this.charge(received.partial, isChat(this.row) ? this.idOfOutput(received) : this.idOf(received))
  }

  /** An attempt that failed. A response that ended early was generated, even if its usage is not known. */
  failed(received: Received): void {
    if (this.isPaid) this.charge(received.partial, this.idOfOutput(received))
  }

  /** An attempt that was given up while its response was read. The server may go on and charge for all of it. */
  givenUp({ generationId, partial }: Received): void {
    if (this.isClosed) return
    this.isClosed = true
    if (this.isPaid) this.charge(partial, generationId)
  }

  private charge(partial: PartialResponse | undefined, generationId: string | undefined): void {
    const usage = readUsage(partial?.result)
    const isSettled = partial?.cost !== undefined || generationId === undefined
    if (usage === noUsage && isSettled) return
    const spent = { usage, unsettled: isSettled ? [] : [generationId] }
    for (const pay of this.payers) pay(spent)
  }

  private idOfOutput(received: Received): string | undefined {
    return received.partial !== undefined && hasOutput(received.partial) ? this.idOf(received) : undefined
  }

  /** The `id` of a job, such as that of a video, is not the id of its generation. */
  private idOf({ generationId, partial, scrubName = identity }: Received): string | undefined {
    const id = this.row.operation === "generate_content" ? undefined : partial?.generationId
    return generationId ?? (id === undefined ? undefined : scrubName(id))
  }
}

const isChat = ({ operation }: Row): boolean => operation === "chat" || operation === "text_completion"
