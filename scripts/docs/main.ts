/**
 * `npm run docs:check`: every snippet of the Markdown files and every `@example` compiles, every link leads somewhere,
 * each guide is in a group of the site, and the tables leave no option, no event and no namespace out.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path/posix"
import { fileURLToPath } from "node:url"
import { groupProblems } from "../site/guides.js"
import { checkSnippets } from "./check.js"
import { checkLinks } from "./links.js"
import { examplesWithoutCode, ofMarkdown, ofSource } from "./snippets.js"
import { checkMentions, checkRows, eventsOf, fieldsOf } from "./tables.js"

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
const pages = markdown.map((path) => ({ path, text: read(path) }))
const guides = pages.filter(({ path }) => path === "README.md" || path.startsWith("docs/"))
const page = (path: string) => ({ path, text: read(path) })
const events = eventsOf(read("src/agent/internal/events.ts"))
const namespaces = [
  "src/index.ts",
  "src/extend.ts",
  "src/ai/index.ts",
  "src/durable/index.ts",
  "src/durable/cluster/index.ts",
  "src/mcp/index.ts",
  "src/mcp/server/index.ts",
  "src/mcp/stdio/index.ts",
  "src/node/index.ts",
  "src/query/index.ts",
  "src/sql/index.ts",
  "src/testing/index.ts",
  "src/ui/index.ts"
]
  .flatMap((path) => [...read(path).matchAll(/^export \* as (\w+) from/gm)].flatMap(([, name]) => name ?? []))

const problems = [
  ...groupProblems(),
  ...checkLinks(pages, (path) => existsSync(join(root, path))),
  ...checkRows(page("docs/agent.md"), "option", fieldsOf(read("src/agent/internal/options.ts"), "Options")),
  ...checkRows(page("docs/agent.md"), "event", events),
  ...checkMentions(guides, namespaces),
  ...sources.flatMap((path) => examplesWithoutCode(path, read(path))),
  ...checkSnippets(root, snippets)
]

for (const problem of problems) {
  console.error(problem)
}
console.log(
  `${snippets.length} snippets and ${pages.length} pages of the documentation checked, ${problems.length} problems`
)
process.exitCode = problems.length === 0 ? 0 : 1
