/**
 * `npm run machines`: twelve runs on a cluster of three processes over Postgres. While they run, one process is killed, one is
 * stopped by SIGTERM in the middle of a turn, and one is paused for a minute. Another process starts the runs, approves their
 * calls and waits for the results. It prints what was finished, and what was paid again.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type ChildProcess, fork } from "node:child_process"
import { setTimeout as after } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import * as DurableCluster from "../../../src/durable/cluster/DurableCluster.js"
import { isObject, stringAt } from "../../../src/internal/json.js"
import * as ScriptedServer from "../../../src/testing/server/ScriptedServer.js"
import { databases } from "../../support/databases.js"
import { clientOf } from "../../support/effect/databases.js"
import { countOf, type Event, keysOf, paidAgain } from "../support/events.js"
import { model } from "../support/model.js"
import { Work } from "../support/work.js"

const works = Array.from({ length: 12 }, (_, index) => `work${index}`)

const start = databases.find(({ name }) => name === "Postgres")?.start
if (start === undefined) throw new Error("There is no Postgres on this machine")
const database = await start()

const began = Date.now()
const events: Array<Event> = []
const say = (what: string) => console.log(`${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${what}`)

const machine = (baseUrl: string, port: number) =>
  Effect.async<ChildProcess>((resume) => {
    const worker = fileURLToPath(new URL("../support/worker.ts", import.meta.url))
    const child = fork(worker, [database.address, baseUrl, `${port}`], { execArgv: ["--import", "tsx"] })
    child.on("message", (message) => {
      if (!isObject(message)) return
      if (message["ready"] === true) resume(Effect.succeed(child))
      const [event, key] = [stringAt(message, "event"), stringAt(message, "key")]
      if (event !== undefined && key !== undefined) events.push({ event, key })
    })
  })

const ended = (child: ChildProcess) =>
  Effect.async<void>((resume) => void child.once("exit", () => resume(Effect.void)))

const until = (count: number) =>
  Effect.promise(async () => {
    while (countOf(events, "asked") < count) await after(10)
  })

const oneRun = (task: string) =>
  Effect.gen(function*() {
    const id = yield* Work.start(task)
    const decide = Effect.forEach(
      yield* Work.pending(id),
      ({ callId }) => Effect.ignore(Work.approve(id, callId))
    )
    yield* Effect.forkScoped(Effect.forever(Effect.delay(
      Effect.flatMap(Work.pending(id), (calls) =>
        Effect.forEach(calls, ({ callId }) => Effect.ignore(Work.approve(id, callId)))),
      "1 second"
    )))
    yield* decide
    const { outcome, steps } = yield* Work.result(id)
    say(`${task} is ${outcome._tag} after ${steps} turns`)
    return outcome._tag === "completed"
  })

const weather = (first: ChildProcess, second: ChildProcess, third: ChildProcess, baseUrl: string) =>
  Effect.gen(function*() {
    yield* until(20)
    say("the first process is killed")
    first.kill("SIGKILL")
    yield* until(40)
    say("the second process is stopped by SIGTERM")
    second.kill("SIGTERM")
    yield* ended(second)
    say("the second process has ended")
    const fourth = yield* machine(baseUrl, 7704)
    say("a fourth process is there")
    yield* until(60)
    say("the third process is paused")
    third.kill("SIGSTOP")
    yield* Effect.sleep("1 minute")
    third.kill("SIGCONT")
    say("the third process goes on")
    return [third, fourth]
  })

const program = Effect.scoped(Effect.gen(function*() {
  const server = yield* ScriptedServer.make({
    turns: [model((key) => events.push({ event: "asked", key }), "2 seconds")],
    allowUnused: true
  })
  const [first, second, third] = [
    yield* machine(server.url, 7701),
    yield* machine(server.url, 7702),
    yield* machine(server.url, 7703)
  ]
  say("three processes are there")
  const engine = Layer.provide(DurableCluster.layerClient({ poll: "200 millis" }), clientOf(database.address, "bigint"))
  const [results, left] = yield* Effect.all([
    Effect.provide(Effect.forEach(works, oneRun, { concurrency: "unbounded" }), engine),
    weather(first, second, third, server.url)
  ], { concurrency: 2 })
  say(`${results.filter((isCompleted) => isCompleted).length} of ${works.length} runs are completed`)
  say(`turns: ${keysOf(events, "asked")}, asked for ${countOf(events, "asked")} times`)
  say(
    `tools: ${keysOf(events, "ended")}, begun ${countOf(events, "begins")} times, ended ${
      countOf(events, "ended")
    } times`
  )
  const again = paidAgain(events)
  say(`done again after it was kept: ${again.length} ${again.join(", ")}`)
  for (const child of left) child.kill("SIGKILL")
}))

await Effect.runPromise(program)
await database.stop()
