/** The scripted server in a process of its own, so that its memory does not count for the client. It sends its counts by IPC. */
import * as Effect from "effect/Effect"
import * as Script from "../../src/testing/Script.js"
import * as ScriptedServer from "../../src/testing/server/ScriptedServer.js"
import { dice } from "../../test/fuzz/support/dice.js"
import { faults } from "./scripts.js"

/** The counts of the server. */
export interface Counts {
  readonly connections: { readonly open: number; readonly total: number }
  readonly responses: { readonly finished: number; readonly interrupted: number; readonly open: number }
}

const turn = Script.forever((request) => {
  const [fault = "", seed = ""] = String(request.json["user"]).split("|")
  return faults[fault]?.turn(dice(seed)) ?? Script.error(501)
})

const main = Effect.gen(function*() {
  const server = yield* ScriptedServer.make({ turns: [turn] })
  const sendCounts = Effect.gen(function*() {
    const counts: Counts = { connections: yield* server.connections, responses: yield* server.responses }
    process.send?.(counts)
  })
  process.on("message", () => Effect.runSync(sendCounts))
  process.send?.(server.url)
  yield* Effect.never
}).pipe(Effect.scoped)

Effect.runFork(main)
