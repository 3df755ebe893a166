/** What a response is, and how a run ends with it. */
import type { Ending } from "./situation.js"
import type { Answer, Breakage } from "./world.js"

/** The error of a run whose response broke. */
export const errorTags: { readonly [how in Breakage]: string } = {
  refused: "PaymentRequiredResponseError",
  limited: "TooManyRequestsResponseError",
  overloaded: "ServiceUnavailableResponseError",
  unreachable: "ConnectionError",
  truncated: "StreamTruncatedError",
  stalled: "StreamStalledError",
  reset: "ConnectionError",
  failed: "BadGatewayResponseError",
  error: "InternalServerResponseError",
  unended: "StreamTruncatedError",
  "unended by a reset": "ConnectionError"
}

export const incomplete: Ending = { tag: "incomplete", detail: "max_output_tokens", pending: [] }

/** How a run ends with a response without calls. */
export const natural = (answer: Answer): Ending => endOf(isRefusal(answer), answer.isCut)

export const endOf = (isRefusal: boolean, isCut: boolean): Ending =>
  isRefusal ? { tag: "refused", pending: [] } : isCut ? incomplete : { tag: "completed", pending: [] }

export const isRefusal = ({ calls, says }: Answer): boolean => says === "refusal" && calls.length === 0

export const hasContent = ({ calls, says }: Answer): boolean =>
  calls.length > 0 || says !== "nothing" && says !== "blank"

/** Whether a response has nothing but thoughts. */
export const isEmpty = (answer: Answer): boolean => !hasContent(answer) && !answer.isCut
