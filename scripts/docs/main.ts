/** `npm run docs:check`: every snippet of the Markdown files and every `@example` compiles. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path/posix"
import { fileURLToPath } from "node:url"
import { checkSnippets } from "./check.js"
import { examplesWithoutCode, ofMarkdown, ofSource } from "./snippets.js"

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "")

const below = (folder: string): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? below(path) : [path]
  })

const top = readdirSync(root)
const markdown = [...top, ...(top.includes("docs") ? below("docs") : [])].filter((path) => path.endsWith(".md")).sort()
const sources = below("src").filter((path) => path.endsWith(".ts")).sort()
const read = (path: string): string => readFileSync(join(root, path), "utf8")

const snippets = [
  ...markdown.flatMap((path) => ofMarkdown(path, read(path))),
  ...sources.flatMap((path) => ofSource(path, read(path)))
]
const problems = [
  ...sources.flatMap((path) => examplesWithoutCode(path, read(path))),
  ...checkSnippets(root, snippets)
]

for (const problem of problems) {
  console.error(problem)
}
console.log(`${snippets.length} snippets of the documentation checked, ${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1
