/** Runs a row of the matrix: one fault, met by every call at once. */
import * as HttpClient from "@effect/platform/HttpClient"
import { assert } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as OpenRouterClient from "../../../src/http/OpenRouterClient.js"
import type { RequestOptions } from "../../../src/http/requestOptions.js"
import { exponential } from "../../../src/http/Retry.js"
import type { ConfigError } from "../../../src/internal/effect/config.js"
import { environment, key } from "../../http/support/memory.js"
import { withClock } from "../../support/effect/clocks.js"
import { isOver as isDone, makeWatch } from "../../support/effect/fibers.js"
import { call, type CallName, callNames, type End, isAgent, ofCause, tools, wireOf } from "./calls.js"
import { make as makeClock, type StoppedClock } from "./clock.js"
import { close, door, serve, type Site, type Step, turn, type Visit, write } from "./site.js"
import { good, toolCall, type Wire, wires } from "./wire.js"

/** How each call ends. What stands for several of them need be written only once. */
export interface Expected {
  readonly send: string
  /** `Chat.stream`, `Responses.stream` and `Messages.stream`, which end alike unless they are listed separately. */
  readonly streams: string
  readonly chat?: string
  readonly responses?: string
  readonly messages?: string
  /** `Agent.run` and `Agent.callModel`. */
  readonly agents: string
}

/** The HTTP clients that the matrix is run over. */
export type Client = "fetch" | "undici" | "node"

/** One fault and how each call ends that meets it. An agent meets it in its second turn. */
export interface Fault {
  readonly name: string
  /** What the server sends. If there is no HTTP server, `at` is the address instead. */
  readonly respond?: (wire: Wire) => ReadonlyArray<Step>
  readonly at?: (addresses: Addresses) => string
  /** Whether the clock moves on once nothing else happens. */
  readonly waits?: true
  readonly expected: Expected
  /** What is different over undici without `fetch`. */
  readonly undici?: Partial<Expected>
  /** What is different over our client for Node. */
  readonly node?: Partial<Expected>
  /** What may come instead, where it is up to chance. */
  readonly orElse?: Expected | ReadonlyArray<Expected>
}

/** Where requests can go wrong before a server sees them. */
export interface Addresses {
  readonly refused: string
  readonly slammed: string
  readonly handshake: string
  readonly tls: string
}

/** What the rows share: the servers, and failures in the process that nothing handles. */
export class World extends Context.Tag("World")<World, {
  readonly site: Site
  readonly addresses: Addresses
  readonly strays: ReadonlyArray<unknown>
}>() {}

export const world: Layer.Layer<World> = Layer.scoped(
  World,
  Effect.gen(function*() {
    const strays: Array<unknown> = []
    const onStray = (reason: unknown) => void strays.push(reason)
    process.on("unhandledRejection", onStray).on("uncaughtExceptionMonitor", onStray)
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => process.off("unhandledRejection", onStray).off("uncaughtExceptionMonitor", onStray))
    )
    const site = yield* serve
    const slammed = yield* door((socket) => void socket.resetAndDestroy())
    const noTls = yield* door((socket) => socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")))
    const refused = yield* Effect.scoped(door(() => {}))
    return {
      site,
      strays,
      addresses: {
        refused: `http://127.0.0.1:${refused}`,
        slammed: `http://127.0.0.1:${slammed}`,
        handshake: site.origin.replace("http:", "https:"),
        tls: `https://127.0.0.1:${noTls}`
      }
    }
  })
)

/** How long the tests wait for what ought to happen at once, on the clock of this machine. */
const restTimeout = "15 seconds"

/** Those of every client: short limits, so that each test reaches them. */
const options: RequestOptions = {
  retry: exponential({ maxRetries: 1, initialDelay: 0 }),
  timeout: "1 minute",
  idleTimeout: "30 seconds",
  maxEventSize: 4096
}

export const clientOf = (http: HttpClient.HttpClient, baseUrl: string) =>
  OpenRouterClient.layer({ ...options, apiKey: key, baseUrl }).pipe(
    Layer.provide(Layer.merge(Layer.succeed(HttpClient.HttpClient, http), environment()))
  )

interface Cell {
  readonly name: CallName
  readonly visit: Visit
  readonly fiber: Fiber.RuntimeFiber<End, ConfigError>
  /** When the requests of the turn that fails were sent. */
  readonly sent: ReadonlyArray<number>
  /** Whether all requests have arrived at the server. */
  readonly hasArrived: () => boolean
  /** How many of the fibers that it started still live. */
  readonly alive: Effect.Effect<number>
}

let cells = 0

const start = (
  { addresses, site }: Context.Tag.Service<typeof World>,
  fault: Fault,
  http: HttpClient.HttpClient,
  name: CallName
) =>
  Effect.gen(function*() {
    const path = `cell-${cells++}`
    const wire = wireOf(name)
    const visit = site.host(
      path,
      (n) => isAgent(name) && n === 0 ? [write(good(wires.responses) + toolCall), close] : fault.respond?.(wire) ?? []
    )
    const baseUrl = `${fault.at?.(addresses) ?? site.origin}/${path}/api/v1`
    const sent: Array<number> = []
    const count = Effect.map(Clock.currentTimeMillis, (now) => void sent.push(now))
    const layer = Layer.merge(
      clientOf(
        HttpClient.tapRequest(http, () => count),
        isAgent(name) ? `${site.origin}/${path}/api/v1` : baseUrl
      ),
      tools.toLayer({ work: () => Effect.as(Effect.sync(() => sent.splice(0)), "done") })
    )
    const watch = yield* makeWatch
    const outcome = call(name, { baseUrl }).pipe(Effect.provide(layer), watch.within)
    const fiber = yield* Effect.fork(outcome)
    const arrived = () => visit.requests.length - (isAgent(name) ? 1 : 0)
    const hasArrived = () => sent.length > 0 && (fault.at !== undefined || arrived() >= sent.length)
    const cell: Cell = { name, visit, fiber, sent, hasArrived, alive: watch.alive }
    return cell
  })

/** How often the turn that fails was requested, and after which wait. */
const attempts = ([first = 0, second, ...more]: ReadonlyArray<number>): string =>
  second === undefined
    ? ""
    : ` x${2 + more.length}${second === first ? "" : ` after ${Duration.format(Duration.millis(second - first))}`}`

export const within = <A, E, R>(effect: Effect.Effect<A, E, R>, what: () => string): Effect.Effect<A, E, R> =>
  Effect.timeoutFailCause(effect, { duration: restTimeout, onTimeout: () => Cause.die(new Error(`no end: ${what()}`)) })

const isOver = ({ fiber }: Cell): boolean => isDone(fiber)

/** Waits until neither the servers nor the calls do anything more without the clock. */
const atRest = (row: ReadonlyArray<Cell>): Effect.Effect<void> =>
  Effect.gen(function*() {
    for (let quiet = 0; quiet < 30 && !row.every(isOver); quiet++) {
      yield* turn
      if (row.some((cell) => !isOver(cell) && (cell.visit.playing > 0 || !cell.hasArrived()))) quiet = 0
    }
  })

/** Lets time go by, while nothing else happens, until all calls are over. */
const elapse = (row: ReadonlyArray<Cell>, clock: StoppedClock): Effect.Effect<void> =>
  Effect.gen(function*() {
    while (!row.every(isOver)) {
      yield* atRest(row)
      clock.skip("10 seconds")
    }
  })

const outcomeOf = ({ fiber, sent }: Cell) =>
  Effect.map(Fiber.await(fiber), (exit) => {
    if (Exit.isFailure(exit)) return ofCause(exit.cause)
    const { outcome, progress } = exit.value
    return `${outcome}${attempts(sent)}${progress === undefined ? "" : `; ${progress}`}`
  })

/** What comes of a fault, by call; afterwards nothing of the calls is left. */
export const run = (
  world: Context.Tag.Service<typeof World>,
  fault: Fault,
  http: HttpClient.HttpClient
): Effect.Effect<Cells> =>
  Effect.gen(function*() {
    const clock = makeClock()
    const row = yield* Effect.forEach(callNames, (name) => start(world, fault, http, name)).pipe(
      withClock(clock)
    )
    const drive = fault.waits === true ? elapse(row, clock) : Effect.void
    const outcomes = yield* within(
      Effect.zipRight(drive, Effect.forEach(row, outcomeOf)),
      () => row.filter((cell) => !isOver(cell)).map(({ name }) => name).join()
    )
    for (const { alive, name } of row) {
      yield* within(until(Effect.map(alive, (left) => left === 0)), () => `fibers of ${name} are left`)
    }
    // Who no longer reads does not see the other end close
    for (const { visit } of row) for (const socket of visit.sockets) socket.resume()
    const open = () => row.filter(({ visit }) => [...visit.sockets].some((socket) => !socket.destroyed))
    yield* within(
      until(Effect.sync(() => open().length === 0)),
      () => `connections of ${open().map(({ name }) => name).join()} are open`
    )
    const outcome = (name: CallName) => outcomes[callNames.indexOf(name)] ?? ""
    return cellsFrom(outcome)
  })

export const until = (done: Effect.Effect<boolean>): Effect.Effect<void> =>
  Effect.asVoid(Effect.repeat(Effect.zipRight(turn, done), { until: (isDone) => isDone }))

type Cells = Readonly<Record<CallName, string>>

const cellsFrom = (cell: (name: CallName) => string): Cells => ({
  "Chat.send": cell("Chat.send"),
  "Chat.stream": cell("Chat.stream"),
  "Responses.stream": cell("Responses.stream"),
  "Messages.stream": cell("Messages.stream"),
  "Agent.run": cell("Agent.run"),
  "Agent.callModel": cell("Agent.callModel")
})

const cellsOf = ({ agents, chat, messages, responses, send, streams }: Expected): Cells => ({
  "Chat.send": send,
  "Chat.stream": chat ?? streams,
  "Responses.stream": responses ?? streams,
  "Messages.stream": messages ?? streams,
  "Agent.run": agents,
  "Agent.callModel": agents
})

/** Fails where a call of the row ends in another way than the table says, over this client. */
export const check = (
  client: Client,
  { expected, orElse, ...different }: Fault,
  outcomes: Cells
): void => {
  const cells = cellsOf(client === "fetch" ? expected : { ...expected, ...different[client] })
  const others = [orElse ?? expected].flat().map(cellsOf)
  // Those of the table, but where chance had it its other way
  const isOther = (name: CallName) => others.some((other) => outcomes[name] === other[name])
  assert.deepStrictEqual(outcomes, cellsFrom((name) => isOther(name) ? outcomes[name] : cells[name]))
}
