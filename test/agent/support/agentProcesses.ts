/** Processes that run `agentProcess.ts`. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"

const script = fileURLToPath(new URL("./agentProcess.ts", import.meta.url))

export interface AgentProcess {
  /** Lets it begin. */
  readonly go: Effect.Effect<void>
  /** Lets its tool end. */
  readonly finish: Effect.Effect<void>
  /** The idempotency key of its tool, after the tool has started. */
  readonly running: Effect.Effect<unknown>
  /** Its report at the end. */
  readonly result: Effect.Effect<unknown>
  /** The signal that ended it. */
  readonly killed: Effect.Effect<unknown>
}

const launch = (args: ReadonlyArray<string>): ChildProcess =>
  fork(script, args, { execArgv: ["--import", "tsx"], stdio: ["ignore", "inherit", "inherit", "ipc"] })

/** A process that is ready to go; it ends with the scope. */
export const start = (
  mode: "pause" | "approve" | "crash",
  directory: string
): Effect.Effect<AgentProcess, never, Scope.Scope> =>
  Effect.gen(function*() {
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => launch([mode, directory])),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
    const told = (key: string) =>
      Effect.map(Deferred.make<unknown>(), (deferred) => {
        child.on("message", (message) => {
          if (Predicate.hasProperty(message, key)) Deferred.unsafeDone(deferred, Effect.succeed(message[key]))
        })
        child.on("exit", () => Deferred.unsafeDone(deferred, Effect.die(new Error(`it ended without "${key}"`))))
        return Deferred.await(deferred)
      })
    const killed = yield* Deferred.make<unknown>()
    child.on("exit", (_, signal) => Deferred.unsafeDone(killed, Effect.succeed(signal)))
    const [ready, running, result] = yield* Effect.all([told("ready"), told("running"), told("result")])
    // A process that has ended cannot receive a message
    const send = (word: string) => Effect.sync(() => void child.send(word, () => {}))
    yield* ready
    return { go: send("go"), finish: send("finish"), running, result, killed: Deferred.await(killed) }
  })
