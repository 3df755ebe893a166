/**
 * `npm run load [seconds] [streams] [seed]`: so many live streams over loopback for so long, 1,000 for 20 seconds unless
 * told otherwise. Each meets a fault or an interruption by chance; a new one takes its place. Every outcome is counted
 * and has to be one that its script allows, and at the end nothing may be left: no socket, no fiber, no memory.
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
