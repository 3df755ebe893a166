/** Random runs that share budgets, compared with the documented rules of limits. */
import { describe } from "@effect/vitest"
import { holdsForSamples } from "../samples.js"
import { anyParty } from "./generators.js"
import { playParty } from "./player.js"

describe("limits of runs at the same time and inside of each other", () => {
  holdsForSamples("hold as documented, and let no run wait in vain", anyParty, playParty)
})
