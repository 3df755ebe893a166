/**
 * `npm run build`: `src` to a folder of `dist` as ES modules with declarations and maps, ready for tree-shaking, the
 * private ones merged into the public; and the same modules as CommonJS to `cjs` in it.
 */
import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { annotatePure } from "./annotatePure.js"
import { toCommonJs, writeDeclarations } from "./commonJs.js"
import { checkDeclarations } from "./declarations.js"
import { builtFolder, onlyHere } from "./edition.js"
import { commonJsFolder, publicEntries } from "./entries.js"
import { importOf, mergePrivate } from "./merge.js"
import { checkNames } from "./names.js"

const root = fileURLToPath(new URL("../..", import.meta.url))
const dist = join(root, builtFolder)

rmSync(join(root, "dist"), { recursive: true, force: true })
const compiler = spawnSync(
  process.execPath,
  [fileURLToPath(import.meta.resolve("typescript/bin/tsc")), "-p", "tsconfig.build.json", "--outDir", dist],
  { cwd: root, stdio: "inherit" }
)
if (compiler.status !== 0) process.exit(1)

const files = readdirSync(dist, { recursive: true, encoding: "utf8" })
const modules = files.filter((path) => path.endsWith(".js"))
for (const path of modules) {
  const file = join(dist, path)
  writeFileSync(file, annotatePure(readFileSync(file, "utf8")))
}
// The main entry and the one for extensions are lists of other modules
const isList = (path: string): boolean => /^(index|extend)(\.js)?$/.test(path)
const open = publicEntries(root).map(({ module }) => module).filter((module) => !isList(module))
const commonJs = join(dist, commonJsFolder)
const merged = await mergePrivate(dist, commonJs, modules.filter((path) => !isList(path)), open, onlyHere)
for (const path of modules.filter(isList)) {
  const file = join(dist, path)
  writeFileSync(file, `${importOf(onlyHere, "es")}${readFileSync(file, "utf8")}`)
  writeFileSync(join(commonJs, path), toCommonJs(readFileSync(file, "utf8")))
}

const declarations = files.filter((path) => path.endsWith(".d.ts")).sort()
  .map((path) => ({ path: path.replaceAll("\\", "/"), text: readFileSync(join(dist, path), "utf8") }))
writeDeclarations(commonJs, declarations)
const problems = [...checkDeclarations(declarations, open), ...checkNames(declarations, open)]
for (const problem of problems) {
  console.error(problem)
}
console.log(`${modules.length} modules built into ${merged + 2}, ${problems.length} problems in their declarations`)
process.exitCode = problems.length === 0 ? 0 : 1
