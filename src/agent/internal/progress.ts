import type { Progress } from "../Run.js"

/**
 * A copy of an error with the progress of the run. A copy, as the error may be one that others hold as well; hidden from
 * what prints or encodes errors, as the progress holds the whole conversation.
 *
 * @internal
 */
export const withProgress = <E>(error: E, progress: Progress): E => {
  if (typeof error !== "object" || error === null) return error
  const copy: E & object = Object.create(Object.getPrototypeOf(error), Object.getOwnPropertyDescriptors(error))
  return Object.defineProperty(copy, "progress", { value: progress, configurable: true, enumerable: false })
}
