/** A registry on this machine that has the archives of both editions, and passes on all other packages. */
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

const fileIn = (archive: string, name: string): string =>
  execFileSync("tar", ["-xzOf", archive, `package/${name}`], { encoding: "utf8" })

/** An edition as it is published. */
export interface Published {
  readonly version: string
  readonly archive: string
  /** A file of the package, such as its README. */
  readonly read: (name: string) => string
}

export const publish = (archive: string): Published => {
  const { version }: { readonly version: string } = JSON.parse(fileIn(archive, "package.json"))
  return { version, archive, read: (name) => fileIn(archive, name) }
}

const name = "effect-openrouter"

const listingOf = (published: ReadonlyArray<Published>, url: string) => {
  const versions = published.map(({ archive, read, version }) => {
    const integrity = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`
    const dist = { tarball: `${url}/${name}/-/${version}.tgz`, integrity }
    return [version, { ...JSON.parse(read("package.json")), dist }] as const
  })
  const time = Object.fromEntries(published.map(({ version }) => [version, "2026-01-01T00:00:00.000Z"]))
  return { name, "dist-tags": { latest: published[0]?.version }, versions: Object.fromEntries(versions), time }
}

/** Starts the registry; the first edition is the latest version. */
export const startRegistry = async (
  published: ReadonlyArray<Published>
): Promise<{ readonly url: string; readonly close: () => void }> => {
  const upstream = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).trim().replace(/\/$/, "")
  const answer = async (path: string, accept: string | undefined, url: string, response: ServerResponse) => {
    const archive = published.find(({ version }) => path === `/${name}/-/${version}.tgz`)?.archive
    if (archive !== undefined) return response.end(readFileSync(archive))
    if (path === `/${name}`) return response.end(JSON.stringify(listingOf(published, url)))
    const passed = await fetch(`${upstream}${path}`, accept === undefined ? {} : { headers: { accept } })
    response.writeHead(passed.status, { "content-type": passed.headers.get("content-type") ?? "application/json" })
    return response.end(Buffer.from(await passed.arrayBuffer()))
  }
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo // It listens
    answer(request.url ?? "/", request.headers.accept, `http://127.0.0.1:${port}`, response)
      .catch((error: unknown) => response.writeHead(502).end(String(error)))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo // It listens
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() }
}
