/**
 * `npm run package:check`, after a build: packs what would be published and looks at it as a user would. publint and
 * attw read it, Node imports and requires every public entry of it and is refused every other module.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { publint } from "publint"
import { formatMessage } from "publint/utils"
import { unexpectedFiles } from "./contents.js"
import { builtFolder } from "./edition.js"
import { type Export, privateEntries, publicEntries } from "./entries.js"
import { pack } from "./pack.js"
import { withoutEsModules } from "./withoutEsModules.js"

const root = fileURLToPath(new URL("../..", import.meta.url))
const work = join(root, "build/package")
const problems: Array<string> = []

rmSync(work, { recursive: true, force: true })
mkdirSync(join(work, "node_modules"), { recursive: true })

const { archive: tarball, paths } = pack(root, work)
problems.push(...unexpectedFiles(paths).map((path) => `${path} does not belong in the package`))
const { exports: addresses }: { readonly exports: Readonly<Record<string, Export>> } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8")
)
// The edition for Effect 4 has no CommonJS modules: Node requires its ES modules
const hasCommonJs = typeof addresses["."] === "object"
const commonJs = hasCommonJs ? [`${builtFolder}/cjs/index.js`, `${builtFolder}/cjs/index.d.ts`] : []
for (const path of [`${builtFolder}/index.js`, `${builtFolder}/index.d.ts`, "src/index.ts", ...commonJs]) {
  if (!paths.includes(path)) problems.push(`${path} is missing in the package`)
}

const { messages, pkg } = await publint({
  strict: true,
  pack: { tarball: new Uint8Array(readFileSync(tarball)).buffer }
})
problems.push(...messages.map((message) => `publint: ${formatMessage(message, pkg) ?? message.code}`))

const open = publicEntries(root).map(({ address }) => address)
const attw = spawnSync(
  process.execPath,
  [
    join(dirname(fileURLToPath(import.meta.resolve("@arethetypeswrong/cli/package.json"))), "dist/index.js"),
    tarball,
    // Not of the old resolution of modules, which knows no exports
    "--profile",
    hasCommonJs ? "node16" : "esm-only",
    "--no-definitely-typed",
    "--no-emoji",
    "--no-color",
    "--format",
    "ascii",
    "--entrypoints",
    ...open
  ],
  { cwd: root, encoding: "utf8" }
)
if (attw.status !== 0) {
  const failures = attw.stdout.split(/^\*+$/m).flatMap((block) => {
    const lines = block.split("\n").filter((line) => /^\S+.*: /.test(line) && !/: OK|: \(ignored\)/.test(line))
    return lines.map((line) => `attw: ${/^"(.+)"$/m.exec(block)?.[1] ?? "?"}: ${line}`)
  })
  problems.push(...(failures.length === 0 ? [`attw: ${attw.stdout}${attw.stderr}`] : failures))
}

execFileSync("tar", ["-xzf", tarball, "-C", work])
execFileSync("mv", [join(work, "package"), join(work, "node_modules/effect-openrouter")])
// A package of its own: without it the name would mean this repository, not what was packed.
writeFileSync(join(work, "package.json"), `{ "private": true, "type": "module" }`)
writeFileSync(
  join(work, "import.mjs"),
  `
const name = (entry) => "effect-openrouter" + entry.slice(1)
for (const entry of ${JSON.stringify(open)}) {
  await import(name(entry)).catch((error) => console.log(name(entry) + " cannot be imported: " + error.message))
}
for (const entry of ${JSON.stringify(privateEntries(root))}) {
  await import(name(entry)).then(
    () => console.log(name(entry) + " is private but can be imported"),
    (error) => error.code === "ERR_PACKAGE_PATH_NOT_EXPORTED" || console.log(name(entry) + ": " + error.message)
  )
}
`
)
writeFileSync(
  join(work, "require.cjs"),
  `
for (const entry of ${JSON.stringify(open)}) {
  const name = "effect-openrouter" + entry.slice(1)
  try {
    require(name)
  } catch (error) {
    console.log(name + " cannot be required: " + error.message)
  }
}
`
)
for (const args of [["import.mjs"], [...(hasCommonJs ? withoutEsModules : []), "require.cjs"]]) {
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { cwd: work, encoding: "utf8" })
  if (status !== 0) problems.push(stderr)
  problems.push(...stdout.split("\n").filter((line) => line !== ""))
}

for (const problem of problems) {
  console.error(problem)
}
console.log(`${paths.length} files packed, ${open.length} entries imported and required, ${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1
