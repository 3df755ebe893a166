import type { PartialResponse } from "../../response/partialResponse.js"
import { hasOutput, readResponse } from "../../response/readResponse.js"

/**
 * What a body that is an error holds of a response: output or usage. Undefined if it holds neither.
 *
 * @internal
 */
export const partialOf = (body: unknown): PartialResponse | undefined => {
  const found = readResponse(body)
  return hasOutput(found) || [found.inputTokens, found.outputTokens, found.cost].some((n) => n !== undefined)
    ? found
    : undefined
}
