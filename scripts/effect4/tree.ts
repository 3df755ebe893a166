/** Writes the tree of the Effect 4 edition: the files of the repository, carried over, and those of `effect4` above. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { codeFor4 } from "./codemod.js"
import { manifestFor4 } from "./manifest.js"
import { snippetFiles, snippetsFolder, snippetsFor4 } from "./snippets.js"

export const root: string = fileURLToPath(new URL("../..", import.meta.url))

/** What is written once for each edition: it stands here, and its twin at the same path in the repository. */
export const edition: string = join(root, "effect4")

/** Everything else is written here. It lies below `effect4`, so that its packages are those of Effect 4. */
export const output: string = join(edition, "build")

/** What the edition is made of. */
const folders = ["src", "test", "test-types", "examples", "scripts", "docs"]

const files = [
  "bench/clients/effectOpenRouter.ts",
  "bench/clients/effectOpenRouterFetch.ts",
  "bench/clients/effectOpenRouterUndici.ts",
  "bench/clients/floors/effectAlone.ts",
  "bench/clients/floors/effectAloneFetch.ts",
  "bench/clients/floors/effectAloneUndici.ts",
  "bench/clients/floors/splitter.ts",
  "bench/gateway/api.ts",
  "bench/gateway/common.ts",
  "bench/gateway/server.ts",
  "bench/scenarios.ts",
  "tsconfig.base.json",
  "tsconfig.build.json",
  "tstyche.config.json",
  "vitest.config.ts",
  "ARCHITECTURE.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "LICENSE",
  "README.md",
  "SECURITY.md"
]

const filesIn = (folder: string): ReadonlyArray<string> =>
  !existsSync(folder) ? [] : readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1).replaceAll("\\", "/"))

/** Whether a file is written for Effect 4 by hand. */
export const isOwn = (path: string): boolean => existsSync(join(edition, path))

const textOf = (path: string): string => readFileSync(path, "utf8")

/** Writes a file unless it is the same already, so that the compiler and the test runner keep what they know of it. */
const write = (path: string, content: string): void => {
  const target = join(output, path)
  if (existsSync(target) && textOf(target) === content) return
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, content)
}

/** The packages that the head of an example names, without those whose modules are in `effect` itself. */
const packagesFor4 = (text: string): string =>
  text.replace(/^ \* Packages: [^.]*\.$/m, (list) => list.replace(/ `@effect\/(platform|sql|experimental)`,/g, ""))

const carriedOver = (path: string, source: string): string =>
  path.endsWith(".md")
    ? snippetsFor4(path, source)
    : path.startsWith("src/")
    ? snippetsFor4(path, codeFor4(path, source))
    : path.startsWith("examples/") && path.endsWith(".ts")
    ? packagesFor4(codeFor4(path, source))
    : path.endsWith(".ts")
    ? codeFor4(path, source)
    : source

/** Writes the tree; returns how many files the codemod carried over, and how many stand in `effect4`. */
export const writeTree = (): { readonly carried: number; readonly own: number } => {
  const paths = new Set([
    ...files,
    ...folders.flatMap((folder) =>
      [...filesIn(join(root, folder)), ...filesIn(join(edition, folder))].map((file) => `${folder}/${file}`)
    )
  ])
  const programs = new Set<string>()
  for (const path of paths) {
    const source = textOf(join(isOwn(path) ? edition : root, path))
    const text = isOwn(path) ? source : carriedOver(path, source)
    write(path, text)
    for (const [program, code] of snippetFiles(path, text)) {
      programs.add(program)
      write(program, code)
    }
  }
  write("package.json", manifestFor4(textOf(join(root, "package.json")), textOf(join(edition, "package.json"))))
  for (const folder of [...folders, snippetsFolder]) {
    for (const file of filesIn(join(output, folder))) {
      const path = `${folder}/${file}`
      if (!paths.has(path) && !programs.has(path)) rmSync(join(output, path))
    }
  }
  const own = [...paths].filter(isOwn).length
  return { carried: paths.size - own, own }
}
