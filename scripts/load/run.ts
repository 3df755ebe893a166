/** Keeps streams open, counts their outcomes, and checks which resources remain. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import * as Chat from "../../src/services/Chat.js"
import { type Dice, dice } from "../../test/fuzz/support/dice.js"
import { faults } from "./scripts.js"
import type { Counts } from "./server.js"

export interface Load {
  readonly seconds: number
  readonly streams: number
  readonly seed: string
}

setFlagsFromString("--expose-gc")
const collect: () => void = runInNewContext("gc")

const megabytes = Effect.sync(() => {
  collect()
  collect()
  return process.memoryUsage().heapUsed / 1024 / 1024
})

const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length

const start = Effect.acquireRelease(
  Effect.promise(async () => {
    const child = fork(fileURLToPath(new URL("server.ts", import.meta.url)))
    const [url]: ReadonlyArray<unknown> = await once(child, "message")
    return { child, url: String(url) }
  }),
  ({ child }) => Effect.sync(() => child.kill())
)

const requestCounts = (child: ChildProcess): Effect.Effect<Counts> =>
  Effect.promise(async () => {
    child.send("counts")
    const [server]: ReadonlyArray<Counts> = await once(child, "message")
    return server ?? { connections: { open: -1, total: -1 }, responses: { finished: -1, interrupted: -1, open: -1 } }
  })

const fibers = Effect.map(Fiber.roots, (roots) => roots.length)

const names = Object.keys(faults)

const outcomeOf = (exit: Exit.Exit<unknown, { readonly _tag: string }>): string =>
  Exit.match(exit, {
    onSuccess: () => "finished",
    onFailure: (cause) =>
      Cause.isInterruptedOnly(cause)
        ? "interrupted"
        : cause._tag === "Fail"
        ? cause.error._tag
        : `a defect: ${Cause.pretty(cause)}`
  })

/** One stream, which ends by itself, because its reader stops after some events, or by interruption. */
const one = (fault: string, seed: string, dice: Dice) =>
  Effect.gen(function*() {
    const enough = dice.chance(0.1) ? dice.below(10) : undefined
    const stream = Chat.stream({ model: "a/b", messages: [], user: `${fault}|${seed}` })
    const read = Stream.runDrain(enough === undefined ? stream : Stream.take(stream, enough))
    const fiber = yield* Effect.fork(Effect.exit(read))
    if (dice.chance(0.3)) {
      yield* Effect.sleep(dice.below(600))
      yield* Fiber.interrupt(fiber)
    }
    const exit = Exit.flatten(yield* Fiber.await(fiber))
    const outcome = outcomeOf(exit)
    return outcome === "finished" && enough !== undefined ? "stopped by its reader" : outcome
  })

/** Runs the load and returns its problems. */
export const main = ({ seconds, seed, streams }: Load): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function*() {
    const { child, url } = yield* start
    const client = OpenRouterClient.layer({ apiKey: Redacted.make("sk-or-v1-load"), baseUrl: url, retry: false })
    const counts: Record<string, Record<string, number>> = {}
    const problems: Array<string> = []
    let begun = 0
    let ended = 0

    const next = Effect.gen(function*() {
      const own = `${seed}/${begun++}`
      const chance = dice(own)
      const fault = chance.chance(0.4) ? "none" : names[chance.below(names.length)] ?? "none"
      const outcome = yield* one(fault, own, chance)
      ended++
      const row = counts[fault] ?? {}
      counts[fault] = row
      row[outcome] = (row[outcome] ?? 0) + 1
      const allowed = [...faults[fault]?.allowed ?? [], "interrupted", "stopped by its reader"]
      if (!allowed.includes(outcome)) problems.push(`${own}, ${fault}: ended as ${outcome}`)
    })
    const until = (time: number) => Effect.repeat(next, { while: () => performance.now() < time })
    const during = (streams: number, seconds: number) =>
      Effect.suspend(() => {
        const end = performance.now() + seconds * 1000
        return Effect.all(Array.from({ length: streams }, () => until(end)), {
          concurrency: "unbounded",
          discard: true
        })
      }).pipe(OpenRouterClient.withOptions({ idleTimeout: "10 seconds" }), Effect.provide(client))

    yield* during(streams, Math.min(seconds, 5))
    const before = yield* megabytes
    const fibersBefore = yield* fibers
    const started = performance.now()
    const cpu = process.cpuUsage()
    let most = 0
    const watch = yield* Effect.fork(Effect.forever(Effect.delay(
      Effect.sync(() => {
        most = Math.max(most, process.memoryUsage().heapUsed / 1024 / 1024)
      }),
      "200 millis"
    )))
    yield* during(streams, seconds)
    yield* Fiber.interrupt(watch)
    const took = (performance.now() - started) / 1000
    const used = process.cpuUsage(cpu)

    // undici keeps idle connections for some seconds, for the next request
    let server = yield* requestCounts(child)
    for (
      let waited = 0;
      waited < 100 && (server.connections.open > 0 || server.responses.open > 0 || sockets() > 0);
      waited++
    ) {
      yield* Effect.sleep("200 millis")
      server = yield* requestCounts(child)
    }
    const after = yield* megabytes
    const fibersLeft = (yield* fibers) - fibersBefore
    print(counts)
    console.log(
      `${ended} of ${begun} streams ended in ${took.toFixed(1)} s, ${streams} at a time; ` +
        `${((used.user + used.system) / 1e6).toFixed(1)} s of CPU; ${server.connections.total} connections\n` +
        `memory ${before.toFixed(1)} MB before, ${most.toFixed(0)} MB at most, ${after.toFixed(1)} MB after\n` +
        `remaining: ${fibersLeft} fibers, ${sockets()} sockets here, ${server.connections.open} there, ` +
        `${server.responses.open} open responses`
    )
    if (ended !== begun) problems.push(`${begun - ended} streams did not end`)
    if (fibersLeft > 0) problems.push(`${fibersLeft} fibers remain`)
    if (sockets() > 0 || server.connections.open > 0) problems.push("sockets remain open")
    if (server.responses.open > 0) problems.push("the server still sends responses")
    if (after - before > 10) problems.push(`${(after - before).toFixed(1)} MB remain in memory`)
    return problems
  }).pipe(Effect.provide(Layer.mergeAll(FetchHttpClient.layer)), Effect.scoped, Effect.orDie)

const print = (counts: Readonly<Record<string, Readonly<Record<string, number>>>>): void => {
  for (const fault of names) {
    const ends = Object.entries(counts[fault] ?? {}).sort(([, a], [, b]) => b - a)
    console.log(`${fault.padEnd(22)} ${ends.map(([end, times]) => `${times} ${end}`).join(", ")}`)
  }
}
