/** The archive that `npm publish` would send. */
import { execFileSync } from "node:child_process"
import { join } from "node:path"

/** A packed archive: where it is, and what is in it. */
export interface Packed {
  readonly archive: string
  readonly paths: ReadonlyArray<string>
}

/** Packs what is built into a folder that exists. */
export const pack = (root: string, folder: string): Packed => {
  // npm answers with one entry per package, here the one of this folder
  const packed: ReadonlyArray<{ readonly filename: string; readonly files: ReadonlyArray<{ readonly path: string }> }> =
    JSON.parse(execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"]
    }))
  const [first] = packed
  if (first === undefined) throw new Error("npm pack packed nothing")
  return { archive: join(folder, first.filename), paths: first.files.map((file) => file.path) }
}
