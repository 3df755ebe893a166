/**
 * `npm run load [seconds] [streams] [seed]`: keeps many streams open over loopback, by default 1,000 for 20 seconds. Faults
 * and interruptions end them at random, and a new stream replaces each one that ended. Every outcome is counted and must be
 * one that its script allows. At the end no socket, fiber or memory may remain.
 */
import * as Effect from "effect/Effect"
import { main } from "./run.js"

const [seconds = "20", streams = "1000", seed = "1"] = process.argv.slice(2)

Effect.runPromise(main({ seconds: Number(seconds), streams: Number(streams), seed })).then(
  (problems) => {
    for (const problem of problems) console.error(problem)
    process.exitCode = problems.length === 0 ? 0 : 1
  },
  (error: unknown) => {
    console.error(error)
    process.exitCode = 1
  }
)
