/**
 * `npm run archives`: builds both editions and packs them into `build/archives`, the one for Effect 3 as 0.x or 1.x, the
 * one for Effect 4 as 4.x. The checks of packages run for the second one here, and for the first one by
 * `npm run package:check`.
 */
import { spawnSync } from "node:child_process"
import { mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { pack } from "../build/pack.js"
import { install, node } from "./toolchain.js"
import { output, root, writeTree } from "./tree.js"

const archives = join(root, "build/archives")

const runScript = (folder: string, script: string, by: string): void => {
  const { status } = spawnSync(by, [join(root, "node_modules/tsx/dist/cli.mjs"), script], {
    cwd: folder,
    stdio: "inherit"
  })
  if (status !== 0) throw new Error(`archives: ${script} failed in ${folder}; its messages stand above`)
}

rmSync(archives, { recursive: true, force: true })
mkdirSync(archives, { recursive: true })
const isWithout3 = process.argv.includes("--effect4")
if (!isWithout3) {
  runScript(root, "scripts/build/main.ts", process.execPath)
  console.log(pack(root, archives).archive)
}
install()
writeTree()
runScript(output, "scripts/build/main.ts", node())
runScript(output, "scripts/build/packageCheck.ts", node())
console.log(pack(output, archives).archive)
