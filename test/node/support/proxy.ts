/** A proxy of this machine: it makes tunnels to wherever it is asked, and keeps what it was asked. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Http from "node:http"
import * as Net from "node:net"
import { listen } from "../../http/support/listen.js"

export interface Proxy {
  /** Its host and port. */
  readonly address: string
  readonly asked: ReadonlyArray<{ readonly target: string; readonly authorization: string | undefined }>
}

/** Serves until the scope closes; `status` refuses every tunnel with another status than 200. */
export const proxy = (status = 200): Effect.Effect<Proxy, never, Scope.Scope> =>
  Effect.gen(function*() {
    const asked: Array<{ readonly target: string; readonly authorization: string | undefined }> = []
    const sockets = new Set<Net.Socket>()
    const server = Http.createServer()
    server.on("connection", (socket: Net.Socket) => void sockets.add(socket))
    server.on("connect", (request: Http.IncomingMessage, socket: Net.Socket, head: Buffer) => {
      const target = request.url ?? ""
      asked.push({ target, authorization: request.headers["proxy-authorization"] })
      socket.on("error", () => {})
      if (status !== 200) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)
      const { hostname, port } = new URL(`http://${target}`)
      const tunnel = Net.connect(Number(port), hostname, () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n")
        tunnel.write(head)
        socket.pipe(tunnel).pipe(socket)
      })
      sockets.add(tunnel.on("error", () => socket.destroy()))
    })
    const port = yield* listen(server, () => sockets.forEach((socket) => socket.destroy()))
    return { address: `127.0.0.1:${port}`, asked }
  })
