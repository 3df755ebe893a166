/** Databases of tests, each a real one: a file of SQLite, and servers of Postgres and MariaDB on loopback. */
import { execFileSync, spawn } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { drivers } from "./effect/databases.js"

/** A database that other processes can open, too. */
export interface Database {
  readonly name: string
  /** What another process needs to make the same layer. */
  readonly address: string
  readonly stop: () => Promise<void>
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => typeof address === "object" && address !== null ? resolve(address.port) : reject())
    })
  })

const newDirectory = (): string => mkdtempSync(join(tmpdir(), "conversations-"))

/** The newest of the versions that are installed. */
const programOf = (folder: string, path: string): string | undefined =>
  existsSync(folder)
    ? readdirSync(folder).sort().reverse().map((version) => join(folder, version, path)).find(existsSync)
    : undefined

/** Another user, where this one is root: Postgres and MariaDB refuse to run as root. */
const asUser = (user: string): { readonly uid?: number; readonly gid?: number } => {
  if (process.getuid?.() !== 0) return {}
  const idOf = (flag: string) => Number(execFileSync("id", [flag, user], { encoding: "utf8" }))
  return { uid: idOf("-u"), gid: idOf("-g") }
}

const ownedBy = (directory: string, { gid, uid }: ReturnType<typeof asUser>): void => {
  if (uid !== undefined) execFileSync("chown", [`${uid}:${gid}`, directory])
}

/** Starts a server, and waits until its output says that it is ready. */
const started = async (
  program: string,
  args: ReadonlyArray<string>,
  user: ReturnType<typeof asUser>,
  directory: string,
  ready: RegExp
) => {
  const server = spawn(program, args, { ...user, cwd: directory, stdio: ["ignore", "ignore", "pipe"] })
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()))
  let output = ""
  await new Promise<void>((resolve, reject) => {
    server.stderr.on("data", (chunk) => {
      output += String(chunk)
      if (ready.test(output)) resolve()
    })
    server.once("exit", () => reject(new Error(`${program} did not start:\n${output}`)))
  })
  return async () => {
    server.kill("SIGKILL")
    await ended
    rmSync(directory, { recursive: true, force: true })
  }
}

const sqlite = async (): Promise<Database> => {
  const directory = newDirectory()
  return {
    name: "SQLite",
    address: `file:${join(directory, "conversations.db")}`,
    stop: async () => rmSync(directory, { recursive: true, force: true })
  }
}

const initdb = programOf("/usr/lib/postgresql", "bin/initdb")

const postgres = async (): Promise<Database> => {
  const directory = newDirectory()
  const user = asUser("postgres")
  ownedBy(directory, user)
  const data = join(directory, "data")
  execFileSync(initdb ?? "", ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"], {
    ...user,
    cwd: directory,
    stdio: "ignore"
  })
  const port = await freePort()
  const args = ["-D", data, "-p", `${port}`, "-h", "127.0.0.1", "-k", directory, "-c", "fsync=off"]
  const stop = await started(join(initdb ?? "", "../postgres"), args, user, directory, /ready to accept connections/)
  return { name: "Postgres", address: `postgres://postgres@127.0.0.1:${port}/postgres`, stop }
}

const mariadbd = ["/usr/sbin/mariadbd", "/usr/sbin/mysqld"].find(existsSync)

const mariadb = async (): Promise<Database> => {
  const directory = newDirectory()
  const user = asUser("mysql")
  ownedBy(directory, user)
  const data = join(directory, "data")
  const common = ["--no-defaults", `--datadir=${data}`]
  execFileSync("mariadb-install-db", [...common, "--auth-root-authentication-method=normal", "--skip-test-db"], {
    ...user,
    cwd: directory,
    stdio: "ignore"
  })
  const port = await freePort()
  const args = [...common, `--port=${port}`, "--bind-address=127.0.0.1", `--socket=${join(directory, "socket")}`]
  const stop = await started(mariadbd ?? "", args, user, directory, /ready for connections/)
  return { name: "MariaDB", address: `mysql://root@127.0.0.1:${port}/mysql`, stop }
}

/** The databases, and how to start those that this machine and this edition of Effect have. */
export const databases: ReadonlyArray<
  { readonly name: string; readonly start?: (() => Promise<Database>) | undefined }
> = [
  { name: "SQLite", start: sqlite },
  { name: "Postgres", start: initdb === undefined ? undefined : postgres },
  { name: "MariaDB", start: mariadbd === undefined ? undefined : mariadb }
].map(({ name, start }) => ({ name, start: drivers.includes(name) ? start : undefined }))
