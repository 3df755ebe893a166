/**
 * Memory while 200 MB are uploaded and downloaded over loopback. Each way runs in a process of its own, the server in another.
 * Run: npx tsx bench/bytes.ts [megabytes]
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type { HttpClient } from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { openAsBlob } from "node:fs"
import { rm, writeFile } from "node:fs/promises"
import * as Http from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as OpenRouterClient from "../src/http/OpenRouterClient.js"
import * as Files from "../src/services/Files.js"

const mebibyte = 1024 * 1024
const chunk = new Uint8Array(64 * 1024).fill(7)

const clients: { readonly [name: string]: Layer.Layer<HttpClient> } = {
  fetch: FetchHttpClient.layer,
  undici: NodeHttpClient.layerUndici,
  "node:http": NodeHttpClient.layer
}

const file = {
  created_at: "",
  downloadable: true,
  filename: "",
  id: "file_1",
  mime_type: "",
  size_bytes: 0,
  type: "file"
}

const serve = (size: number) => {
  const server = Http.createServer((request, response) => {
    if (request.method === "POST") {
      let received = 0
      request.on("data", (piece: Buffer) => {
        received += piece.length
      })
      request.on("end", () => response.end(JSON.stringify({ ...file, size_bytes: received })))
      return
    }
    let sent = 0
    const write = (): void => {
      while (sent < size) {
        sent += chunk.length
        if (!response.write(chunk)) return void response.once("drain", write)
      }
      response.end()
    }
    write()
  })
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    process.send?.(typeof address === "object" && address !== null ? address.port : 0)
  })
}

const stream = (size: number) => Stream.range(1, size / chunk.length, 1).pipe(Stream.map(() => new Uint8Array(chunk)))

/** A way of moving bytes; returns how many it moved. */
const ways: {
  readonly [name: string]: (size: number) => Effect.Effect<number, unknown, OpenRouterClient.OpenRouterClient>
} = {
  "upload a Stream": (size) =>
    Effect.map(
      Files.upload({ file: { fileName: "large.bin", content: stream(size) } }),
      (file) => "size_bytes" in file && typeof file.size_bytes === "number" ? file.size_bytes : 0
    ),
  "upload a Blob of a file": (size) =>
    Effect.acquireUseRelease(
      Effect.promise(async () => {
        const path = join(tmpdir(), `effect-openrouter-${process.pid}`)
        await writeFile(path, stream2(size))
        return path
      }),
      (path) =>
        Effect.flatMap(Effect.promise(() => openAsBlob(path)), (content) =>
          Effect.map(Files.upload({ file: { fileName: "large.bin", content } }), (file) =>
            "size_bytes" in file && typeof file.size_bytes === "number" ? file.size_bytes : 0)),
      (path) =>
        Effect.promise(() =>
          rm(path)
        )
    ),
  "download a Stream": () =>
    Stream.runFold(Files.download({ file_id: "file_1" }), 0, (sum, bytes) => sum + bytes.byteLength)
}

function* stream2(size: number) {
  for (let sent = 0; sent < size; sent += chunk.length) yield chunk
}

/** Megabytes of memory: of the whole process, and of JavaScript's heap. */
const memory = () => {
  const { arrayBuffers, heapUsed, rss } = process.memoryUsage()
  return { rss: rss / mebibyte, held: (arrayBuffers + heapUsed) / mebibyte }
}

const measure = async (way: string, client: string, baseUrl: string, size: number) => {
  const run = ways[way] ?? (() => Effect.die(`no way ${way}`))
  const http = clients[client] ?? FetchHttpClient.layer
  const OpenRouter = OpenRouterClient.layer({ apiKey: Redacted.make("sk-or-v1-bench"), baseUrl, retry: false })
  const go = (size: number) => Effect.runPromise(Effect.provide(run(size), Layer.provide(OpenRouter, http)))
  await go(8 * mebibyte)
  globalThis.gc?.()
  const before = memory()
  const most = { ...before }
  const timer = setInterval(() => {
    const now = memory()
    most.rss = Math.max(most.rss, now.rss)
    most.held = Math.max(most.held, now.held)
  }, 10)
  const started = performance.now()
  const bytes = await go(size)
  const seconds = (performance.now() - started) / 1000
  clearInterval(timer)
  globalThis.gc?.()
  const after = memory()
  const row = [
    way.padEnd(24),
    client.padEnd(10),
    `${(bytes / mebibyte).toFixed(0)} MB in ${seconds.toFixed(1)} s`.padEnd(18),
    `resident ${before.rss.toFixed(0)} -> ${most.rss.toFixed(0)} MB at most`.padEnd(34),
    `held ${before.held.toFixed(0)} -> ${most.held.toFixed(0)} at most, ${after.held.toFixed(0)} after`
  ]
  console.log(row.join("  "))
}

const spawn = (...args: ReadonlyArray<string>): ChildProcess =>
  fork(fileURLToPath(import.meta.url), args, { execArgv: [...process.execArgv, "--expose-gc"] })

const main = async (size: number, only = "") => {
  for (const way of Object.keys(ways)) {
    for (const client of Object.keys(clients)) {
      if (!`${way} ${client}`.includes(only)) continue
      const server = spawn("serve", String(size))
      const [port] = await once(server, "message")
      const child = spawn("measure", way, client, `http://127.0.0.1:${port}/api/v1`, String(size))
      await once(child, "exit")
      server.kill()
    }
  }
}

const [task, ...args] = process.argv.slice(2)
if (task === "serve") serve(Number(args[0]))
else if (task === "measure") await measure(args[0] ?? "", args[1] ?? "", args[2] ?? "", Number(args[3]))
else await main(Number(task ?? 200) * mebibyte, args.join(" "))
