/**
 * `npm run build`: `src` to `dist` as ES modules with declarations and maps, ready for tree-shaking, the private ones
 * merged into the public.
 */
import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { annotatePure } from "./annotatePure.js"
import { checkDeclarations } from "./declarations.js"
import { publicModules } from "./entries.js"
import { mergePrivate } from "./merge.js"

const root = fileURLToPath(new URL("../..", import.meta.url))
const dist = join(root, "dist")

rmSync(dist, { recursive: true, force: true })
const compiler = spawnSync(
  process.execPath,
  [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"],
  { cwd: root, stdio: "inherit" }
)
if (compiler.status !== 0) process.exit(1)

const files = readdirSync(dist, { recursive: true, encoding: "utf8" })
const modules = files.filter((path) => path.endsWith(".js"))
for (const path of modules) {
  const file = join(dist, path)
  writeFileSync(file, annotatePure(readFileSync(file, "utf8")))
}
// The main entry is a list of the other modules
const isMain = (path: string): boolean => /^index(\.js)?$/.test(path)
const merged = await mergePrivate(
  dist,
  modules.filter((path) => !isMain(path)),
  publicModules(root).filter((path) => !isMain(path))
)

const declarations = files.filter((path) => path.endsWith(".d.ts")).sort()
const problems = checkDeclarations(
  declarations.map((path) => ({ path: path.replaceAll("\\", "/"), text: readFileSync(join(dist, path), "utf8") }))
)
for (const problem of problems) {
  console.error(problem)
}
console.log(`${modules.length} modules built into ${merged + 1}, ${problems.length} problems in their declarations`)
process.exitCode = problems.length === 0 ? 0 : 1
