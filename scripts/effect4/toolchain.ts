/** The packages of the Effect 4 edition, and the Node that they need. */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { edition } from "./tree.js"

const packages = join(edition, "node_modules")

/** Installs the packages, unless they are there. The versions stand in `effect4/package-lock.json`. */
export const install = (): void => {
  if (existsSync(join(packages, "effect/package.json"))) return
  const npm = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: edition,
    stdio: "inherit",
    shell: process.platform === "win32"
  })
  if (npm.status !== 0) throw new Error("effect4: npm could not install the packages of effect4/package-lock.json")
}

const isNewEnough = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  return major > 22 || (major === 22 && minor >= 19)
}

/** This Node if it is new enough for the tools of Effect 4, or else the one among the packages. */
export const node = (): string => {
  if (isNewEnough(process.versions.node)) return process.execPath
  const system = process.platform === "win32" ? "win" : process.platform
  const binary = join(packages, `node-${system}-${process.arch}`, "bin", system === "win" ? "node.exe" : "node")
  if (existsSync(binary)) return binary
  throw new Error(
    `effect4: the tools of Effect 4 need Node 22.19 or newer, and this is ${process.versions.node}. Install a newer Node; npm ` +
      `has none for ${process.platform}-${process.arch}`
  )
}

/** Runs a program in a folder; returns its status. */
export const runIn = (
  folder: string,
  program: string,
  args: ReadonlyArray<string>,
  env: NodeJS.ProcessEnv = process.env
): number => spawnSync(node(), [program, ...args], { cwd: folder, stdio: "inherit", env }).status ?? 1

/** Runs the entry of a package, from the folder of the edition; returns its status. */
export const run = (entry: string, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = process.env): number =>
  runIn(edition, join(packages, entry), args, env)

/** As {@link run}, but returns what it prints. */
export const output = (entry: string, args: ReadonlyArray<string>): string =>
  spawnSync(node(), [join(packages, entry), ...args], { cwd: edition, encoding: "utf8", maxBuffer: 1 << 28 }).stdout
