/**
 * Compaction: what a run does when its conversation becomes too long for the context of the model. The log of a stored
 * conversation keeps everything that was said; requests send the shorter history from then on.
 *
 * @since 0.1.0
 */
import { compact } from "./internal/context/compact.js"
import { type Compacting, TypeId } from "./internal/context/compacting.js"
import { contextLengthOf } from "./internal/context/contextLength.js"
import type { Strategy } from "./internal/context/strategy.js"

export type { Strategy } from "./internal/context/strategy.js"

/**
 * When a history is compacted.
 *
 * @since 0.1.0
 * @category models
 */
export type Trigger =
  | { readonly _tag: "share"; readonly share: number }
  | { readonly _tag: "items"; readonly items: number }

/**
 * When and how a run compacts its history.
 *
 * @since 0.1.0
 * @category models
 */
export interface Compaction {
  readonly [TypeId]: Compacting
}

/**
 * Options of {@link make}.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Default: `above(0.8)`. If the provider refuses a request as too long, the history is compacted in any case. */
  readonly when?: Trigger | ReadonlyArray<Trigger> | undefined
  /**
   * The strategies, in the order in which they are tried until the history is short enough. Put the cheap ones first.
   * Default: `trimOutputs()`, `dropReasoning`, `keepTurns(20)`.
   */
  readonly strategies?: ReadonlyArray<Strategy> | undefined
  /** The share of the context at which the history is short enough. Default 0.5. */
  readonly target?: number | undefined
  /**
   * The context length of the model, in tokens. Without it, the run asks `GET /model/{author}/{slug}`, once for each model
   * of a client.
   */
  readonly contextLength?: number | undefined
}

/**
 * Makes a compaction, for the option `compaction` of a run. A history is compacted between turns. A call keeps its output
 * and its reasoning, or all of them go. The words of the system, the last prompt and everything that waits stay.
 *
 * The tokens of the next request are known from what the provider reported for the last one, and estimated for what was
 * added since. A compaction that saves less than a tenth is not used. If the provider refuses a request as too long, the
 * history is compacted and the turn is requested once more; a second refusal fails the run.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Agent, Compaction } from "effect-openrouter"
 *
 * const program = Agent.run({
 *   model: "openai/gpt-5-nano",
 *   conversation: "user-17",
 *   input: "Go on.",
 *   compaction: Compaction.make({
 *     when: Compaction.above(0.8),
 *     strategies: [
 *       Compaction.trimOutputs({ keepLast: 5 }),
 *       Compaction.summarize({ model: "openai/gpt-5-nano", keepTurns: 4 })
 *     ]
 *   })
 * })
 * ```
 */
export const make = (options: Options = {}): Compaction => {
  const { contextLength, strategies = [trimOutputs(), dropReasoning, keepTurns(20)], target = 0.5, when = above(0.8) } =
    options
  const triggers = "_tag" in when ? [when] : when
  const isMeasured = contextLength === undefined && triggers.some(({ _tag }) => _tag === "share")
  return {
    [TypeId]: {
      contextLength,
      target,
      isDue: ({ estimate, limit }, items) =>
        triggers.some((trigger) =>
          trigger._tag === "items" ? items > trigger.items : limit !== undefined && estimate > trigger.share * limit
        ),
      contextLengthOf: isMeasured ? contextLengthOf : undefined,
      compact: (history, need) => compact(history, strategies, need)
    }
  }
}

/**
 * Compacts a history whose next request would use more than this share of the context, from 0 to 1.
 *
 * @since 0.1.0
 * @category triggers
 */
export const above = (share: number): Trigger => ({ _tag: "share", share })

/**
 * Compacts a history with more items than this.
 *
 * @since 0.1.0
 * @category triggers
 */
export const aboveItems = (items: number): Trigger => ({ _tag: "items", items })

/**
 * Removes the outputs of tools, but for the last ones (default 5) and those of the tools in `except`. The calls and their
 * arguments stay.
 *
 * @since 0.1.0
 * @category strategies
 */
export const trimOutputs = (
  { except = [], keepLast = 5 }: {
    readonly keepLast?: number | undefined
    readonly except?: ReadonlyArray<string> | undefined
  } = {}
): Strategy => ({ _tag: "trimOutputs", keepLast, except })

/**
 * Removes the reasoning of turns before the last prompt. Reasoning of the present task stays, because its provider may want
 * it back.
 *
 * @since 0.1.0
 * @category strategies
 */
export const dropReasoning: Strategy = { _tag: "dropReasoning" }

/**
 * Removes all turns but the last ones. The last prompt before them stays, which says what the task is.
 *
 * @since 0.1.0
 * @category strategies
 */
export const keepTurns = (turns: number): Strategy => ({ _tag: "keepTurns", turns })

/**
 * Lets a model summarize all turns but the last ones (default 4): `POST /responses`, without tools. The run pays for it. A
 * summary that fails, or has no text, does not fail the run: the next strategy is tried.
 *
 * @since 0.1.0
 * @category strategies
 */
export const summarize = (
  { instructions, keepTurns = 4, model }: {
    readonly model: string
    readonly keepTurns?: number | undefined
    /** What to write. The default asks for all that the task still needs. */
    readonly instructions?: string | undefined
  }
): Strategy => ({ _tag: "summarize", model, keepTurns, instructions })
