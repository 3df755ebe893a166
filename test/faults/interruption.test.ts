/** Wherever a call is interrupted, the server sees it, what was held is released, and nothing more is sent. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { withClock } from "../support/effect/clocks.js"
import { isOver, makeWatch } from "../support/effect/fibers.js"
import { type CallName, callNames } from "./support/calls.js"
import { make as makeClock } from "./support/clock.js"
import { clientOf, until, within, World, world } from "./support/matrix.js"
import { turns } from "./support/site.js"
import { begin, handlers, type Log, releasedAt, type Stop, stopsOf } from "./support/stops.js"

let stops = 0

const interruptAt = (name: CallName, stop: Stop) =>
  Effect.gen(function*() {
    const { site } = yield* World
    const path = `stop-${stops++}`
    const visit = site.host(path, stop.respond)
    const log: Log = { released: [] }
    const clock = makeClock()
    const watch = yield* makeWatch
    const client = clientOf(yield* HttpClient.HttpClient, `${site.origin}/${path}/api/v1`)
    const fiber = yield* begin(name, stop, log).pipe(
      Effect.provide(Layer.merge(client, handlers(stop, log))),
      watch.within,
      withClock(clock),
      Effect.fork
    )
    const what = () => `${name} ${stop.name}`
    yield* within(until(Effect.sync(() => visit.requests.length === stop.requests && visit.playing === 0)), what)
    yield* turns(30)
    assert.isFalse(isOver(fiber), `${what()} is over too early`)
    yield* within(Fiber.interrupt(fiber), what)
    const exit = yield* Fiber.await(fiber)
    assert.isTrue(Exit.isInterrupted(exit), what())
    assert.sameMembers(log.released, [...releasedAt(name, stop)], what())
    yield* within(until(Effect.sync(() => [...visit.sockets].every((socket) => socket.destroyed))), what)
    yield* within(until(Effect.map(watch.alive, (fibers) => fibers === 0)), what)
    clock.advance("1 day")
    yield* turns(30)
    assert.strictEqual(visit.requests.length, stop.requests, what())
  })

/** While a connection is made: the server has heard nothing but the beginning of a handshake. */
const interruptConnect = (name: CallName) =>
  Effect.gen(function*() {
    const { addresses, site } = yield* World
    const opened = site.opened()
    const log: Log = { released: [] }
    const client = clientOf(yield* HttpClient.HttpClient, `${addresses.handshake}/api/v1`)
    const fiber = yield* begin(name, connecting, log).pipe(
      Effect.provide(Layer.merge(client, handlers(connecting, log))),
      Effect.fork
    )
    yield* within(until(Effect.sync(() => site.opened() > opened)), () => name)
    yield* within(Fiber.interrupt(fiber), () => name)
    const exit = yield* Fiber.await(fiber)
    assert.isTrue(Exit.isInterrupted(exit), name)
    assert.sameMembers(log.released, [...releasedAt(name, connecting)], name)
  })

const connecting: Stop = { name: "while connecting", requests: 0, respond: () => [] }

for (const [client, http] of Object.entries({ fetch: FetchHttpClient.layer, undici: NodeHttpClient.layerUndici })) {
  layer(Layer.merge(world, http), { excludeTestServices: true })(`an interruption over ${client}`, (it) => {
    for (const name of callNames) {
      const all = stopsOf(name)
      it.effect(`of ${name}, at each of ${all.length} moments, ends all of it`, () =>
        Effect.forEach(all, (stop) => interruptAt(name, stop), { concurrency: 8, discard: true }))
    }

    // The runtimes themselves give up the handshake only when their own limit for it, ten seconds, is over
    it.effect("while connecting ends each call at once", () =>
      Effect.forEach(callNames, interruptConnect, { discard: true }))
  })
}
