/** Random trees of agents that run inside of each other's tools, compared with the rules. */
import { describe } from "@effect/vitest"
import { holdsForSamples } from "../samples.js"
import { anyTree } from "./generators.js"
import { playTree } from "./player.js"

describe("agents inside of tools that wait", () => {
  holdsForSamples("pay once, wait together and end alike, whoever decides what and when", anyTree, playTree)
})
