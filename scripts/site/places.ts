/** Where the site has the files of the repository. */
import { dirname, join, normalize, relative } from "node:path/posix"
import { exists, isFolder, read } from "./files.js"

const projectPages = ["ARCHITECTURE", "CHANGELOG", "CONTRIBUTING", "SECURITY"]

/** The pages about the project itself, by their files. */
export const projectPage = (path: string): string | undefined => {
  const name = path.replace(/\.md$/, "")
  return projectPages.includes(name) ? `project/${name.toLowerCase()}.md` : undefined
}

/** The page of a file or folder of examples: a folder of examples has one page. */
export const examplePage = (path: string): string => {
  const [, name = ""] = path.split("/")
  return `examples/${name === "" ? "index" : name.replace(/\.ts$/, "")}.md`
}

/** The page that shows the code of any other file. */
export const codePage = (path: string): string => `source/${path}.md`

/**
 * The page of the API reference of a public module, such as `http/Retry`. Typedoc makes a folder of a module with
 * namespaces.
 */
export const modulePage = (module: string): string =>
  /^export declare namespace/m.test(read(`src/${module}.ts`)) ? `api/${module}/index.md` : `api/${module}.md`

/** The path below the content that stands for a path of the repository. */
export const placeOf = (path: string, modules: ReadonlySet<string>): string => {
  if (!exists(path)) throw new Error(`there is no ${path}`)
  if (path === "README.md") return "index.md"
  const project = projectPage(path)
  if (project !== undefined) return project
  if (path === "docs" || path === "docs/README.md") return "guide/index.md"
  if (path.startsWith("docs/")) return path.replace("docs/", "guide/")
  if (path === "examples" || path.startsWith("examples/")) return examplePage(path)
  const module = /^src\/(.+)\.ts$/.exec(path)?.[1]
  if (module !== undefined && modules.has(module)) return modulePage(module)
  if (isFolder(path)) throw new Error(`the site has no page for the folder ${path}: link to a file`)
  return codePage(path)
}

/** Each line of a Markdown text that is not code, changed. */
const mapProse = (text: string, change: (line: string) => string): string => {
  let isCode = false
  return text.split("\n").map((line) => {
    if (/^\s*(```|~~~)/.test(line)) {
      isCode = !isCode
      return line
    }
    return isCode ? line : line.split(/(`+[^`]*`+)/).map((part) => part.startsWith("`") ? part : change(part)).join("")
  }).join("\n")
}

/** The files that pages link to and that no other page shows. */
export type LinkedCode = Set<string>

/**
 * The Markdown of a file of the repository as the page at `place`: its links lead to pages of the site. Files that need a
 * page of code are added to `code`.
 */
export const relocate = (
  file: string,
  place: string,
  text: string,
  modules: ReadonlySet<string>,
  code: LinkedCode
): string =>
  mapProse(text, (part) =>
    part.replace(/\]\(([^)\s]+)\)/g, (whole, link: string) => {
      if (/^[a-z]+:/.test(link) || link.startsWith("#")) return whole
      const [target = "", anchor] = link.split("#")
      const path = normalize(join(dirname(file), target)).replace(/\/$/, "")
      const to = placeOf(path, modules)
      if (to === codePage(path)) code.add(path)
      const shown = relative(dirname(place), to)
      return `](${shown.startsWith(".") ? shown : `./${shown}`}${anchor === undefined ? "" : `#${anchor}`})`
    }))
