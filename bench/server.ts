/**
 * The server of the benchmarks, in a process of its own. A path begins with the kind and size of the response:
 * `/<kind>/<count>/…`; the rest is the path of the API. `GET /stats` returns how many connections were opened and how many
 * bytes were pushed.
 */
import { once as event } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises"
import * as fixtures from "./fixtures.js"
import { toolTurns } from "./scenarios.js"

const connections = new Set<unknown>()
let pushed = 0

const frame = (event: unknown): string => `data: ${JSON.stringify(event)}\n\n`

const known = new Map<string, ReadonlyArray<string>>()

/** The frames of a response, made once. */
const frames = (name: string, make: () => ReadonlyArray<unknown>): ReadonlyArray<string> => {
  const before = known.get(name)
  if (before !== undefined) return before
  const made = [...make().map(frame), "data: [DONE]\n\n"]
  known.set(name, made)
  return made
}

const read = async (request: IncomingMessage): Promise<string> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const write = async (response: ServerResponse, text: string): Promise<void> => {
  pushed += text.length
  if (response.destroyed || response.write(text)) return
  const stop = new AbortController()
  await Promise.race([once(response, "drain", stop), once(response, "close", stop)])
  stop.abort()
}

const once = (response: ServerResponse, name: string, { signal }: AbortController): Promise<unknown> =>
  event(response, name, { signal }).catch(() => {})

const joined = (parts: ReadonlyArray<string>, size: number): ReadonlyArray<string> => {
  const pieces: Array<string> = []
  let piece = ""
  for (const part of parts) {
    piece += part
    if (piece.length < size) continue
    pieces.push(piece)
    piece = ""
  }
  return piece === "" ? pieces : [...pieces, piece]
}

/** How many tool outputs a request has. */
const results = (body: string): number =>
  body.split("\"function_call_output\"").length - 1 + body.split("\"role\":\"tool\"").length - 1

const responseOf = (isChat: boolean, kind: string, count: number, body: string): ReadonlyArray<string> => {
  const shape = isChat ? "chat" : "responses"
  if (kind !== "agent") {
    return frames(`${shape}/${count}`, () => isChat ? fixtures.chatEvents(count) : fixtures.responseEvents(count))
  }
  const done = results(body)
  return done < toolTurns
    ? frames(`${shape}/tool/${done}`, () => isChat ? fixtures.chatToolEvents(done) : fixtures.responseToolEvents(done))
    : frames(`${shape}/8`, () => isChat ? fixtures.chatEvents(8) : fixtures.responseEvents(8))
}

const stream = async (response: ServerResponse, kind: string, parts: ReadonlyArray<string>): Promise<void> => {
  response.writeHead(200, { "content-type": "text/event-stream" })
  if (kind === "first") {
    response.flushHeaders()
    await sleep(5)
  }
  if (kind === "coalesced" || kind === "agent" || kind === "late") {
    for (const piece of joined(parts, 16_384)) await write(response, piece)
  } else if (kind === "flood") {
    for (const piece of joined(parts, 65_536)) await write(response, piece)
  } else {
    for (const part of parts) {
      await write(response, part)
      await turn()
    }
  }
  if (kind === "late") await sleep(15)
  response.end()
}

/** The same events again and again, without keeping them. */
const endless = async (response: ServerResponse, count: number): Promise<void> => {
  response.writeHead(200, { "content-type": "text/event-stream" })
  const block = fixtures.chatEvents(100).slice(0, 100).map(frame).join("")
  for (let sent = 0; sent < count && !response.destroyed; sent += 100) await write(response, block)
  await write(response, [...fixtures.chatEvents(0).map(frame), "data: [DONE]\n\n"].join(""))
  response.end()
}

const json = (response: ServerResponse, body: string): void => {
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
  response.end(body)
}

const chat = JSON.stringify(fixtures.chatResult)
const models = JSON.stringify(fixtures.modelList)

const server = createServer((request, response) => {
  const [, kind = "", size = "", ...rest] = (request.url ?? "").split("/")
  const path = rest.join("/")
  void read(request).then(async (body) => {
    if (kind === "stats") return json(response, JSON.stringify({ connections: connections.size, pushed }))
    connections.add(request.socket)
    if (path.includes("models")) return json(response, models)
    const isChat = path.includes("chat/completions")
    if (kind === "plain" && isChat) return json(response, chat)
    if (kind === "endless") return endless(response, Number(size))
    return stream(response, kind, responseOf(isChat, kind, Number(size), body))
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  process.send?.({ port: isAddress(address) ? address.port : 0 })
})

const isAddress = (address: string | AddressInfo | null): address is AddressInfo =>
  typeof address === "object" && address !== null

process.on("disconnect", () => process.exit(0))
