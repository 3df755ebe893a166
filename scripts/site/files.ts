/** The files of the site: where they come from, and where they go. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path/posix"
import { fileURLToPath } from "node:url"

/** A page of the site: its path below the content, and its Markdown. */
export interface Page {
  readonly path: string
  readonly text: string
}

export const root: string = fileURLToPath(new URL("../..", import.meta.url))

export const website: string = join(root, "website")

/** The Markdown that the site is built from. */
export const content: string = join(website, "content")

/** The built site. */
export const dist: string = join(website, "dist")

/** The text of a file of the repository. */
export const read = (path: string): string => readFileSync(join(root, path), "utf8")

export const exists = (path: string): boolean => existsSync(join(root, path))

export const isFolder = (path: string): boolean => statSync(join(root, path)).isDirectory()

/** The paths of all files below a folder of the repository. */
export const filesBelow = (folder: string): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => name !== "node_modules")
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? filesBelow(path) : [path]
    })
    .sort()

export const writePage = ({ path, text }: Page): void => {
  const target = join(content, path)
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, text)
}
