/**
 * Outcomes that many rows share. An outcome is written as text: the tag of the error (for `OpenRouterDefaultError` the
 * status), the phase and code of a broken connection, the message of the server, the fields of the error (`received`,
 * `partial`, the cost, the generation id, `retryAfter`), how often it was requested (`x2`) and after which wait. The
 * client retries once where a retry can help. Of an agent, the steps, items, cost, text and unsettled generations
 * follow.
 */
import type { Expected } from "../support/matrix.js"

/** The first turn of an agent, which always goes well. */
const paid = "; 1 step, 2 items, $0.25"

/** The same for all. */
export const every = (outcome: string): Expected => ({ send: outcome, streams: outcome, agents: outcome + paid })

/** One outcome where the response comes as a whole, another one where it comes as events. */
export const apart = (send: string, streams: string): Expected => ({ send, streams, agents: streams + paid })

/** The same, after "Once upon" arrived. */
export const midway = (send: string, streams: string): Expected => ({
  send,
  streams,
  agents: `${streams}${paid}, “Once upon”, unsettled gen-1`
})

/** The response, as if nothing was wrong. */
export const succeedsWith = (text: string): Expected => ({
  send: `“${text}”`,
  streams: `“${text}”`,
  agents: `completed “${text}”; 2 steps, 3 items, $0.75, “${text}”`
})

export const unharmed: Expected = succeedsWith("Once upon a time")
