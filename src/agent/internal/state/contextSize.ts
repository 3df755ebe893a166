/** How much of the model's context the next request takes. */
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import * as Usage from "../../Usage.js"
import { keepsReasoning, tokensOfAll } from "../context/tokens.js"
import type { Entry } from "../conversation/entry.js"
import { outputOf } from "../conversation/history.js"
import type { CompactionRecord, ContextSize, TurnRecord } from "../run.js"

/** Estimates behind a known size are a little too low. */
const margin = 1.05

/**
 * Follows what a run sends: the provider counts the tokens of each turn, and what was added since is estimated.
 *
 * @internal
 */
export class ContextMeter {
  private used = 0
  /** The size of the last request and its response, or of the history that a compaction made. */
  private known = 0
  /** An estimate of what was added since. */
  private behind = 0
  private limit: number | undefined = undefined
  /** The size that the last compaction reached. */
  private reached = 0

  /** `given` is the context length, if an option says it. */
  constructor(private readonly given: number | undefined) {}

  /** Begins anew with a stored conversation and the items behind it. */
  startFrom(entries: ReadonlyArray<Entry>, behind: ReadonlyArray<InputItem>): void {
    this.known = 0
    this.behind = 0
    for (const entry of entries) {
      const output = outputOf(entry)
      if (output !== undefined) this.add([output])
      if (entry._tag === "input") this.add(entry.items)
      if (entry._tag === "compacted") this.addCompaction(entry.record)
      if (entry._tag !== "turn") continue
      this.add(entry.record.response.output)
      this.addTurn(entry.record)
    }
    this.add(behind)
  }

  add(items: ReadonlyArray<InputItem>): void {
    this.behind += tokensOfAll(items)
  }

  /** A turn whose items were added already. They are part of what its response reports, if it reports anything. */
  addTurn({ contextLength, response }: Pick<TurnRecord, "contextLength" | "response">): void {
    this.limit = contextLength ?? this.limit
    const { inputTokens, outputTokens, reasoningTokens } = Usage.ofResponse(response)
    if (inputTokens + outputTokens === 0) return
    this.used = inputTokens + outputTokens
    this.known = inputTokens + outputTokens - (keepsReasoning(response.output) ? 0 : reasoningTokens)
    this.behind = 0
  }

  /** A compaction. Without items, the history stays as it is. */
  addCompaction({ after, items }: CompactionRecord): void {
    this.reached = after
    if (items === undefined) return
    this.known = after
    this.behind = 0
  }

  /** Whether the history has grown since the last compaction, so that another one can do more than it did. */
  get hasGrown(): boolean {
    return this.size.estimate > this.reached * (1 + leastGrowth)
  }

  get size(): ContextSize {
    return {
      used: this.used,
      estimate: Math.round(margin * (this.known + this.behind)),
      limit: this.given ?? this.limit
    }
  }
}

const leastGrowth = 0.1
