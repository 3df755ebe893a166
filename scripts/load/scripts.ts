/** The faults of the server, and the outcomes that each allows. */
import * as Script from "../../src/testing/Script.js"
import type { Dice } from "../../test/fuzz/support/dice.js"

/** A fault: the turn that has it, and the outcomes that it allows. */
export interface Fault {
  readonly turn: (dice: Dice) => Script.Turn
  readonly allowed: ReadonlyArray<string>
}

const words = (dice: Dice): Script.Part =>
  Script.text(Array.from({ length: 5 + dice.below(40) }, (_, i) => `word ${i} `))

const paced = (dice: Dice, ...parts: ReadonlyArray<Script.Part>): Script.Turn =>
  Script.turn([words(dice), ...parts], {
    pace: `${1 + dice.below(20)} millis`,
    ...(dice.chance(0.3) ? { chunks: 1 + dice.below(200) } : {})
  })

/** The faults by name. An outcome that a fault does not allow is a problem; interruption is always allowed. */
export const faults: Readonly<Record<string, Fault>> = {
  none: { turn: (dice) => paced(dice), allowed: ["finished"] },
  "cut short": { turn: (dice) => paced(dice, Script.truncate), allowed: ["StreamTruncatedError"] },
  reset: { turn: (dice) => paced(dice, Script.reset), allowed: ["ConnectionError"] },
  stalled: { turn: (dice) => paced(dice, Script.stall), allowed: ["StreamStalledError"] },
  "an error inside": { turn: (dice) => paced(dice, Script.fail(502)), allowed: ["BadGatewayResponseError"] },
  "an invalid event": {
    turn: (dice) => paced(dice, Script.raw("data: {\"choices\":7}\n\n")),
    allowed: ["ResponseValidationError"]
  },
  refused: { turn: () => Script.error(429, { retryAfter: "1 second" }), allowed: ["TooManyRequestsResponseError"] },
  broken: { turn: () => Script.error(500), allowed: ["InternalServerResponseError"] },
  "no response": { turn: () => Script.unreachable, allowed: ["ConnectionError"] },
  "an HTML page": {
    turn: () => Script.reply("<html>Bad gateway</html>", { status: 502 }),
    allowed: ["BadGatewayResponseError"]
  }
}
