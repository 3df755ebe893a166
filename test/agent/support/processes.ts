/** Processes that run `appender.ts`. */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"

const script = fileURLToPath(new URL("./appender.ts", import.meta.url))

const start = (args: ReadonlyArray<string>): ChildProcess =>
  fork(script, args, { execArgv: ["--import", "tsx"], stdio: ["ignore", "inherit", "inherit", "ipc"] })

const message = (child: ChildProcess, key: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    child.on("message", (value) => {
      if (Predicate.hasProperty(value, key)) resolve(value[key])
    })
    child.on("exit", (code, signal) => reject(new Error(`the process ended without "${key}": ${code} ${signal}`)))
  })

/** Starts a process for each list of arguments, releases them together, and returns the report of each. */
export const together = (
  processes: ReadonlyArray<ReadonlyArray<string>>
): Effect.Effect<ReadonlyArray<unknown>> =>
  Effect.acquireUseRelease(
    Effect.sync(() => processes.map(start)),
    (children) =>
      Effect.promise(async () => {
        await Promise.all(children.map((child) => message(child, "ready")))
        const results = children.map((child) => message(child, "result"))
        for (const child of children) child.send("go")
        return Promise.all(results)
      }),
    (children) => Effect.sync(() => children.forEach((child) => child.kill()))
  )

/** Runs a process until a signal ends it, and returns the name of the signal. */
export const killed = (args: ReadonlyArray<string>): Effect.Effect<string | null> =>
  Effect.acquireUseRelease(
    Effect.sync(() => start(args)),
    (child) =>
      Effect.async<string | null>((resume) => {
        child.once("message", () => child.send("go"))
        child.once("exit", (_, signal) => resume(Effect.succeed(signal)))
      }),
    (child) => Effect.sync(() => child.kill())
  )
