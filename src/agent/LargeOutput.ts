/**
 * Large outputs: what the model receives of an output of a tool that is too long for it. Events, steps and the stored
 * conversation have the whole result.
 *
 * @since 0.1.0
 */
import { headAndTail, outputSummary } from "./internal/context/outputViews.js"
import { keptView, reader } from "./internal/context/readOutput.js"
import { LargeOutputId, type Limiting } from "./internal/tool.js"

/**
 * What becomes of an output that is too long, for the option `largeOutput` of a tool. Lengths are characters of the text that
 * the model receives; images and files do not count, and stay.
 *
 * @since 0.1.0
 * @category models
 */
export interface LargeOutput {
  readonly [LargeOutputId]: Limiting
}

/** The length of an output that is still shown whole, by default. */
const defaultAbove = 16_000

/** How much of a longer one is shown, by default. */
const defaultShow = 4000

/**
 * How long an output may be, in characters (default 16,000), and how much of a longer one the model sees (default 4,000).
 *
 * @since 0.1.0
 * @category models
 */
export interface Lengths {
  readonly above?: number | undefined
  readonly show?: number | undefined
}

const make = (
  { above = defaultAbove, show = Math.min(above, defaultShow) }: Lengths,
  viewOf: (show: number) => Limiting["viewOf"],
  rest: Partial<Pick<Limiting, "summaryOf" | "reader">> = {}
): LargeOutput => ({
  [LargeOutputId]: { above, viewOf: viewOf(Math.min(above, show)), summaryOf: undefined, reader: undefined, ...rest }
})

const cutTo = (show: number): Limiting["viewOf"] => (text) =>
  headAndTail(text, show, () => "The rest is not available.")

/**
 * The model sees the beginning and the end of an output that is too long, and a sentence that says so.
 *
 * @since 0.1.0
 * @category constructors
 */
export const cut = (lengths: Lengths = {}): LargeOutput => make(lengths, cutTo)

/**
 * A model summarizes an output that is too long: `POST /responses`, without tools. The call pays for it. If the summary
 * fails or has no text, or a budget is used up, the output is cut.
 *
 * @since 0.1.0
 * @category constructors
 */
export const summarize = (
  { instructions, model, ...lengths }: Lengths & {
    readonly model: string
    /** What to write. The default asks for all facts. */
    readonly instructions?: string | undefined
  }
): LargeOutput =>
  make(lengths, cutTo, { summaryOf: (text, call) => outputSummary(text, call, { model, instructions }) })

/**
 * The model sees the beginning and the end of an output that is too long, and reads the rest when it needs it, with the tool
 * `read_output`. The run adds that tool to its own. The whole text is part of the record of the call, so that later runs of
 * a stored conversation can read it, too.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { LargeOutput, Tool } from "effect-openrouter"
 *
 * const SearchLogs = Tool.make("search_logs", {
 *   parameters: Schema.Struct({ query: Schema.String }),
 *   success: Schema.String,
 *   largeOutput: LargeOutput.keepAside({ above: 16_000, show: 4000 })
 * })
 * ```
 */
export const keepAside = (lengths: Lengths = {}): LargeOutput =>
  make(lengths, (show) => (text, call) => keptView(text, call, show), { reader })
