/** What a browser shows of a failure: nothing of the error itself, which speaks to those who run the server. */
import { httpStatus, retryAfterSeconds } from "../../agent/errorStatus.js"

/** @internal */
export const defaultErrorText = (error: unknown): string => {
  switch (httpStatus(error)) {
    case 400:
      return "The request is not valid."
    case 409:
      return "An answer is already on its way. Wait for its end, and try again."
    case 429: {
      const seconds = retryAfterSeconds(error)
      return seconds === undefined
        ? "Too many requests. Try again later."
        : `Too many requests. Try again in ${seconds} ${seconds === 1 ? "second" : "seconds"}.`
    }
    case 402:
    case 503:
      return "The service is not available at the moment. Try again later."
    default:
      return "Something went wrong. Try again."
  }
}
