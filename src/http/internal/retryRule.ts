import type { OpenRouterError } from "../OpenRouterError.js"
import type { RequestOptions } from "../requestOptions.js"
import { isRetryable, isSafeToRepeat, isTransient } from "../Retry.js"
import { isPaid, type Row } from "../row.js"

/**
 * Which failures of an endpoint are retried.
 *
 * @internal
 */
export const retryRule = (row: Row, { retryPaid }: RequestOptions): (error: OpenRouterError) => boolean => {
  if (row.repeatable === false) return isSafeToRepeat
  if (isPaid(row)) return retryPaid === true ? isTransient : isRetryable
  const isIdempotent = row.method !== "POST" && row.method !== "PATCH"
  return row.repeatable ?? isIdempotent ? isTransient : isSafeToRepeat
}
