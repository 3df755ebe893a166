/** The tool with which a model reads outputs that were kept aside. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { define, type FunctionDefinition, type HandlerService, type LongCall } from "../tool.js"
import { fromUser } from "../userCode.js"
import { KeptTexts, readerName, readingAdvice } from "./largeOutput.js"
import { headAndTail, whole } from "./outputViews.js"

/** How much the model reads at once, in characters. */
const longestRead = 10_000

const Parameters = Schema.Struct({
  call: Schema.String.annotations({ description: "The call whose output you read, as the output says it" }),
  offset: Schema.Int.annotations({ description: "The character at which you begin" }),
  find: Schema.NullOr(Schema.String).annotations({ description: "A text to look for behind the offset, or null" })
})

type Parameters = typeof Parameters.Type

const isParameters = Schema.is(Parameters)

/**
 * What a model receives of an output that is kept aside.
 *
 * @internal
 */
export const keptView = (text: string, { id }: LongCall, show: number): string =>
  headAndTail(text, show, (from) => readingAdvice(id, from))

const handle: HandlerService["handle"] = (params, _, given) => {
  const keptTexts = Option.getOrUndefined(Context.getOption(given, KeptTexts))
  // The codec of the tool decoded the parameters
  if (!isParameters(params)) return Effect.die("agent: the parameters of read_output are not decoded")
  const text = keptTexts?.(params.call)
  return text === undefined
    ? fromUser(Effect.fail(
      `No output of a call "${params.call}" is kept in this conversation. Use the call that the output names, or call its ` +
        "tool again."
    ))
    : Effect.succeed(partOf(text, params))
}

/** @internal */
export const reader: FunctionDefinition = define(
  readerName,
  "handled",
  { description: `Reads an output that was too long to be shown, up to ${longestRead} characters at a time.` },
  {
    parameters: { schema: Parameters },
    success: Schema.String,
    failure: Schema.String,
    answer: Schema.Never
  },
  { handle }
)

const partOf = (text: string, { find, offset }: Parameters): string => {
  const wanted = Math.max(0, offset)
  if (wanted >= text.length) return `(The output ends at ${text.length}.)`
  const found = find === null || find === "" ? wanted : text.indexOf(find, wanted)
  if (found < 0) return `(The text does not stand behind ${wanted}. The output ends at ${text.length}.)`
  const from = whole(text, found)
  const to = from + longestRead >= text.length ? text.length : whole(text, from + longestRead)
  const end = to === text.length ? "This is its end." : `Go on at ${to}.`
  return `(Characters ${from} to ${to} of ${text.length}. ${end})\n${text.slice(from, to)}`
}
