/** Serves the built site to this machine alone. */
import { existsSync, readFileSync, statSync } from "node:fs"
import { createServer, type Server } from "node:http"
import { extname, join, normalize } from "node:path/posix"

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".md": "text/markdown; charset=utf-8",
  ".woff2": "font/woff2"
}

/** The file of an address: itself, the index of its folder, or its page. */
const fileOf = (folder: string, path: string): string | undefined =>
  [path, join(path, "index.html"), `${path}.html`].map((each) => join(folder, normalize(each)))
    .find((file) => existsSync(file) && statSync(file).isFile())

/** Listens on a free port of 127.0.0.1; `close` it afterwards. */
export const serveFolder = (folder: string): Promise<{ readonly url: string; readonly server: Server }> =>
  new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      const path = decodeURIComponent(new URL(request.url ?? "/", "http://site").pathname)
      const file = fileOf(folder, path)
      response.writeHead(file === undefined ? 404 : 200, { "content-type": types[extname(file ?? "")] ?? "text/plain" })
      response.end(file === undefined ? "Not found" : readFileSync(file))
    })
    server.on("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      if (address === null || typeof address === "string") return reject(new Error("no port"))
      return resolve({ url: `http://127.0.0.1:${address.port}`, server })
    })
  })
