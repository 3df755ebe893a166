/** Random conversations of a random model with a random user, compared with the reference of the loop. */
import { describe } from "@effect/vitest"
import { anyCase } from "./generators.js"
import { holdsForSamples } from "./samples.js"
import { tellCase } from "./story.js"

describe("the loop, for any behavior of model and user", () => {
  holdsForSamples("keeps the invariants", anyCase, tellCase)
})
