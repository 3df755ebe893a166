/**
 * The ways to make a history shorter, as data.
 *
 * @since 0.1.0
 */

/**
 * One way to make a history shorter.
 *
 * @since 0.1.0
 * @category models
 */
export type Strategy =
  | { readonly _tag: "trimOutputs"; readonly keepLast: number; readonly except: ReadonlyArray<string> }
  | { readonly _tag: "dropReasoning" }
  | { readonly _tag: "keepTurns"; readonly turns: number }
  | {
    readonly _tag: "summarize"
    readonly model: string
    readonly keepTurns: number
    readonly instructions: string | undefined
  }
