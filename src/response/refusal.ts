import { arrayAt, isObject, stringAt } from "../internal/json.js"

/**
 * The words of a refusal among the items of a response; undefined if the model did not refuse. They stand in parts of the
 * type `refusal`, or, as chat completions have them, in the field `refusal` of a message. A refusal may have no words.
 *
 * @internal
 */
export const refusalIn = (output: ReadonlyArray<unknown>): string | undefined => {
  const refusals = output.flatMap((item) => [...refusalOf(item), ...arrayAt(item, "content").flatMap(refusalOf)])
  return refusals.length === 0 ? undefined : refusals.join("")
}

const refusalOf = (part: unknown): ReadonlyArray<string> => {
  const words = stringAt(part, "refusal")
  if (words !== undefined) return [words]
  return isObject(part) && part["type"] === "refusal" ? [""] : []
}
