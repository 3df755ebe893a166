/** Writes the tree of the Effect 4 edition: the files of the repository, carried over, and those of `effect4` above. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { forEffect4 } from "./codemod.js"

export const root: string = fileURLToPath(new URL("../..", import.meta.url))

/** What is written once for each edition: it stands here, and its twin at the same path in the repository. */
export const edition: string = join(root, "effect4")

/** Everything else is written here. It lies below `effect4`, so that its packages are those of Effect 4. */
export const output: string = join(edition, "build")

/** What the edition is made of. */
const folders = ["src", "test", "examples", "scripts"]

const files = ["tsconfig.base.json", "vitest.config.ts"]

const filesIn = (folder: string): ReadonlyArray<string> =>
  !existsSync(folder) ? [] : readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1).replaceAll("\\", "/"))

/** Whether a file is written for Effect 4 by hand. */
export const isOwn = (path: string): boolean => existsSync(join(edition, path))

/** Writes a file unless it is the same already, so that the compiler and the test runner keep what they know of it. */
const write = (path: string, content: string): void => {
  const target = join(output, path)
  if (existsSync(target) && readFileSync(target, "utf8") === content) return
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, content)
}

/** Writes the tree; returns how many files the codemod carried over, and how many stand in `effect4`. */
export const writeTree = (): { readonly carried: number; readonly own: number } => {
  const paths = new Set([
    ...files,
    ...folders.flatMap((folder) =>
      [...filesIn(join(root, folder)), ...filesIn(join(edition, folder))].map((file) => `${folder}/${file}`)
    )
  ])
  for (const path of paths) {
    const source = readFileSync(join(isOwn(path) ? edition : root, path), "utf8")
    write(path, isOwn(path) || !path.endsWith(".ts") ? source : forEffect4(path, source))
  }
  write("package.json", readFileSync(join(edition, "package.json"), "utf8"))
  for (const path of folders.flatMap((folder) => filesIn(join(output, folder)).map((file) => `${folder}/${file}`))) {
    if (!paths.has(path)) rmSync(join(output, path))
  }
  const own = [...paths].filter(isOwn).length
  return { carried: paths.size - own, own }
}
