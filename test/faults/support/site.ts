/** A server on this machine that speaks bytes, not HTTP, so that it can break off anywhere. Counts what is open. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Net from "node:net"
import { interruptFork } from "../../../src/internal/effect/fibers.js"
import { listen } from "../../http/support/listen.js"

/** One thing that a server does on a connection; one without an end says when it does nothing new any more. */
export type Step = (socket: Net.Socket, atRest: Effect.Effect<void>) => Effect.Effect<void>

/** One turn of the event loop, in which both ends of a connection live. */
export const turn: Effect.Effect<void> = Effect.async((resume) => {
  setImmediate(() => resume(Effect.void))
})

export const turns = (count: number): Effect.Effect<void> => Effect.repeat(turn, { times: count - 1 })

/** As many turns as the other end may need to take what was sent. */
export const settled: Effect.Effect<void> = turns(20)

export const write = (bytes: string | Uint8Array): Step => (socket) => Effect.sync(() => void socket.write(bytes))

/** In reads of a few bytes each. */
export const drip = (text: string | Uint8Array, size = 1): Step => (socket) =>
  Effect.suspend(() => {
    const bytes = Buffer.from(text)
    const offsets = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => i * size)
    const send = (at: number) => Effect.sync(() => void socket.write(bytes.subarray(at, at + size)))
    return Effect.forEach(offsets, (at) => Effect.zipRight(turn, send(at)), { discard: true })
  })

export const pause: Step = () => settled

/** Ends the sending side only, as a peer does that is still there to listen. */
export const halfClose: Step = (socket) => Effect.sync(() => void socket.end())

export const close: Step = (socket) => Effect.sync(() => socket.destroySoon())

export const reset: Step = (socket) => Effect.sync(() => void socket.resetAndDestroy())

/** No longer reads either: from the other end, a peer without power. */
export const vanish: Step = (socket) => Effect.sync(() => void socket.pause())

export const again = (text: string): Step => (socket, atRest) =>
  Effect.zipRight(atRest, Effect.forever(Effect.zipRight(turns(8), Effect.sync(() => void socket.write(text)))))

/** What a server saw of one cell of the matrix. */
export interface Visit {
  readonly requests: Array<SentRequest>
  readonly sockets: Set<Net.Socket>
  /** How many responses are being sent; endless ones do not count. */
  playing: number
}

export interface SentRequest {
  readonly method: string
  readonly path: string
  readonly headers: string
  readonly body: string
}

export interface Site {
  readonly origin: string
  /** Responds to requests below `/<name>` with these steps; `n` counts the requests from 0. */
  readonly host: (name: string, respond: (n: number) => ReadonlyArray<Step>) => Visit
  readonly open: () => number
  /** How many connections were ever opened: a client may close one and open the next at the same time. */
  readonly opened: () => number
  /** Done once no connection is open. */
  readonly closed: Effect.Effect<void>
}

const endOfHead = "\r\n\r\n"

/** Takes the first request off what was received, where it is there as a whole. */
const takeRequest = (received: Buffer): readonly [request: SentRequest, rest: Buffer] | undefined => {
  const head = received.indexOf(endOfHead)
  if (head === -1) return undefined
  const headers = received.toString("latin1", 0, head)
  const length = Number(/^content-length: *(\d+)/im.exec(headers)?.[1] ?? 0)
  const end = head + endOfHead.length + length
  if (received.length < end) return undefined
  const [method = "", path = ""] = headers.split(" ")
  return [
    { method, path, headers, body: received.toString("utf8", end - length, end) },
    received.subarray(end)
  ]
}

export const serve: Effect.Effect<Site, never, Scope.Scope> = Effect.gen(function*() {
  const hosted = new Map<string, { readonly visit: Visit; readonly respond: (n: number) => ReadonlyArray<Step> }>()
  const sockets = new Set<Net.Socket>()
  let opened = 0

  const take = (socket: Net.Socket, request: SentRequest): void => {
    const host = hosted.get(request.path.split("/")[1] ?? "")
    if (host === undefined) return void socket.destroy()
    const { respond, visit } = host
    const steps = respond(visit.requests.length)
    visit.requests.push(request)
    visit.sockets.add(socket)
    visit.playing++
    let isPlaying = true
    const atRest = Effect.sync(() => {
      if (isPlaying) visit.playing--
      isPlaying = false
    })
    const play = Effect.ensuring(Effect.forEach(steps, (step) => step(socket, atRest), { discard: true }), atRest)
    const fiber = Effect.runFork(play)
    socket.once("close", () => Effect.runFork(interruptFork(fiber)))
  }

  const server = Net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket)
    opened++
    let received: Buffer = Buffer.alloc(0)
    socket.on("error", () => {})
    socket.on("close", () => {
      sockets.delete(socket)
      if (sockets.size === 0) server.emit("quiet")
    })
    socket.on("end", () => socket.destroySoon())
    socket.on("data", (bytes: Buffer) => {
      received = Buffer.concat([received, bytes])
      const taken = takeRequest(received)
      if (taken === undefined) return
      received = taken[1]
      take(socket, taken[0])
    })
  })
  const port = yield* listen(server, () => sockets.forEach((socket) => socket.destroy()))
  return {
    origin: `http://127.0.0.1:${port}`,
    host: (name, respond) => {
      const visit: Visit = { requests: [], sockets: new Set(), playing: 0 }
      hosted.set(name, { visit, respond })
      return visit
    },
    open: () => sockets.size,
    opened: () => opened,
    closed: Effect.async((resume) => {
      if (sockets.size === 0) resume(Effect.void)
      else server.once("quiet", () => resume(Effect.void))
    })
  }
})

/** A server that does one thing to whoever connects. */
export const door = (onConnect: (socket: Net.Socket) => void): Effect.Effect<number, never, Scope.Scope> =>
  Effect.suspend(() => {
    const sockets = new Set<Net.Socket>()
    const server = Net.createServer((socket) => {
      sockets.add(socket)
      socket.on("error", () => {})
      socket.on("close", () => sockets.delete(socket))
      onConnect(socket)
    })
    return listen(server, () => sockets.forEach((socket) => socket.destroy()))
  })
