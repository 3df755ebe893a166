/** The scripted server in a process of its own, so that its memory is not the client's. It answers questions by IPC. */
import * as Effect from "effect/Effect"
import * as Script from "../../src/testing/Script.js"
import * as ScriptedServer from "../../src/testing/server/ScriptedServer.js"
import { dice } from "../../test/fuzz/support/dice.js"
import { faults } from "./scripts.js"

/** What the server tells when it is asked. */
export interface Told {
  readonly connections: { readonly open: number; readonly total: number }
  readonly responses: { readonly finished: number; readonly interrupted: number; readonly open: number }
}

const turn = Script.forever((request) => {
  const [fault = "", seed = ""] = String(request.json["user"]).split("|")
  return faults[fault]?.turn(dice(seed)) ?? Script.error(501)
})

const main = Effect.gen(function*() {
  const server = yield* ScriptedServer.make({ turns: [turn] })
  const tell = Effect.gen(function*() {
    const told: Told = { connections: yield* server.connections, responses: yield* server.responses }
    process.send?.(told)
  })
  process.on("message", () => Effect.runSync(tell))
  process.send?.(server.url)
  yield* Effect.never
}).pipe(Effect.scoped)

Effect.runFork(main)
