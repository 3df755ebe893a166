/**
 * Serves the page of a folder and, under the same origin, the server that replaces OpenRouter. A browser allows
 * requests to another origin only if that origin permits them; OpenRouter does, and a scripted server does not.
 */
import { Effect } from "effect"
import { build } from "esbuild"
import { readFile } from "node:fs/promises"
import * as Http from "node:http"
import { fileURLToPath } from "node:url"

const bundle = (script: URL) =>
  Effect.promise(() =>
    build({
      entryPoints: [fileURLToPath(script)],
      tsconfig: fileURLToPath(new URL("../../tsconfig.json", import.meta.url)),
      bundle: true,
      minify: true,
      format: "esm",
      jsx: "automatic",
      target: "es2022",
      define: { "process.env.NODE_ENV": "\"production\"" },
      write: false
    })
  )

interface Options {
  /** The base URL of the server that replaces OpenRouter. Without it, the page sends requests to OpenRouter. */
  readonly api?: string
  readonly port?: number
  /** The script of the page. The page is `index.html` beside it. Default: that of this folder. */
  readonly script?: URL
}

export const serve = ({ script: source = new URL("main.ts", import.meta.url), ...options }: Options = {}) =>
  Effect.gen(function*() {
    const script = (yield* bundle(source)).outputFiles[0]?.text ?? ""
    const html = yield* Effect.promise(() => readFile(new URL("index.html", source), "utf8"))
    const server = Http.createServer((request, response) => {
      const origin = `http://localhost:${request.socket.localPort}`
      const { pathname, search } = new URL(request.url ?? "/", origin)
      if (options.api !== undefined && pathname.startsWith("/api/v1/")) {
        return forward(options.api + pathname.slice("/api/v1".length) + search, request, response)
      }
      const settings = options.api === undefined
        ? ""
        : ` data-auth-url="${origin}/api/v1/auth" data-base-url="${origin}/api/v1"`
      const files: Record<string, readonly [type: string, text: string]> = {
        "/": ["text/html", html.replace("<body", `<body${settings}`)],
        "/main.js": ["text/javascript", script]
      }
      const [type, text] = files[pathname] ?? ["text/plain", ""]
      response.writeHead(text === "" ? 404 : 200, { "content-type": `${type}; charset=utf-8` })
      response.end(text)
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => {
        server.listen(options.port ?? 0, "127.0.0.1", () => resume(Effect.void))
      }),
      () =>
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeAllConnections()
        })
    )
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    return { port, url: `http://localhost:${port}/`, size: script.length }
  })

const forward = (url: string, request: Http.IncomingMessage, response: Http.ServerResponse): void => {
  const { headers, method } = request
  const forwarded = Http.request(url, { method, headers }, (received) => {
    response.writeHead(received.statusCode ?? 502, received.headers)
    received.on("error", () => response.destroy())
    received.pipe(response)
  })
  forwarded.on("error", () => response.destroy())
  response.on("close", () => forwarded.destroy())
  request.pipe(forwarded)
}
