/** The package managers, each as its users call it. */
import { spawnSync } from "node:child_process"
import { join } from "node:path"

/** A package manager. */
export interface Manager {
  readonly name: string
  readonly add: ReadonlyArray<string>
  /** Whether it refuses an edition that does not fit; the others install it, and the first import fails. */
  readonly refuses: boolean
  /** Whether it also runs programs. */
  readonly runs: boolean
}

/** What a command did, with all that it printed. */
export interface Ran {
  readonly status: number | null
  readonly printed: string
}

export const run = (command: string, args: ReadonlyArray<string>, cwd: string, env: NodeJS.ProcessEnv): Ran => {
  const options = { cwd, env, encoding: "utf8", timeout: 240_000 } as const
  const { error, status, stderr, stdout } = spawnSync(command, args, options)
  return { status, printed: `${stdout}${stderr}${error ?? ""}` }
}

/** The versions of the managers that npm installs. */
const versions = { pnpm: "10.34.9", bun: "1.4.5" }

/** Installs pnpm and Bun into a folder; npm is there. */
export const managersIn = (folder: string): ReadonlyArray<Manager> => {
  const packages = Object.entries(versions).map(([name, version]) => `${name}@${version}`)
  const { printed, status } = run("npm", ["install", "--no-audit", "--no-fund", ...packages], folder, process.env)
  if (status !== 0) throw new Error(`installs: npm could not install ${packages.join(" and ")}\n${printed}`)
  const bin = (name: string) => join(folder, "node_modules/.bin", name)
  return [
    { name: "npm", add: ["npm", "install", "--no-audit", "--no-fund"], refuses: true, runs: false },
    { name: "pnpm", add: [bin("pnpm"), "add"], refuses: false, runs: false },
    { name: "bun", add: [bin("bun"), "add"], refuses: false, runs: true }
  ]
}
