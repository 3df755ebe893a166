/** A proxy before a database that cuts a connection where the test says so. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { connect, createServer, type Socket } from "node:net"

/** Where to cut: the statement does not reach the database, or its result does not come back. */
export type Cut = "before" | "after"

export interface Proxy {
  readonly address: string
  /** Cuts the next connection on which this text is sent. */
  readonly cut: (where: Cut, text: string) => void
  readonly cuts: () => number
}

export const make = (address: string): Effect.Effect<Proxy, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<Proxy & { readonly close: () => void }>((resume) => {
      const url = new URL(address)
      const port = Number(url.port)
      const sockets = new Set<Socket>()
      let next: { readonly where: Cut; readonly text: string } | undefined
      let cuts = 0
      const server = createServer((client) => {
        const upstream = connect(port, url.hostname)
        let isCut = false
        const destroy = () => {
          client.destroy()
          upstream.destroy()
        }
        for (const socket of [client, upstream]) {
          sockets.add(socket)
          socket.on("error", destroy)
          socket.on("close", destroy)
        }
        client.on("data", (chunk) => {
          if (next !== undefined && chunk.includes(next.text)) {
            cuts++
            const { where } = next
            next = undefined
            if (where === "before") return destroy()
            isCut = true
          }
          upstream.write(chunk)
        })
        upstream.on("data", (chunk) => {
          if (isCut) destroy()
          else client.write(chunk)
        })
      })
      server.listen(0, "127.0.0.1", () => {
        const own = server.address()
        url.port = `${typeof own === "object" ? own?.port : ""}`
        resume(Effect.succeed({
          address: url.href,
          cut: (where, text) => {
            next = { where, text }
          },
          cuts: () => cuts,
          close: () => {
            server.close()
            for (const socket of sockets) socket.destroy()
          }
        }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )
