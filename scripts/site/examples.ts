/** The examples as pages: a page for each program, and one for each folder. */
import { extname } from "node:path/posix"
import { filesBelow, type Page, read } from "./files.js"
import { type Item, titleOf } from "./guides.js"
import { codePage, examplePage } from "./places.js"

const languages: Readonly<Record<string, string>> = {
  ".ts": "ts",
  ".tsx": "tsx",
  ".js": "js",
  ".json": "json",
  ".html": "html",
  ".md": "md"
}

const fence = (path: string): string =>
  ["````" + (languages[extname(path)] ?? "text"), read(path).trimEnd(), "````"].join("\n")

/** The text of the comment that a file begins with. */
export const firstComment = (text: string): string => {
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? ""
  return comment.split("\n").map((line) => line.replace(/^\s*\*? ?/, "")).join("\n").split(/^@\w+/m)[0]?.trim() ?? ""
}

/** Text of a comment as Markdown: `{@link X}` becomes code. */
export const proseOf = (comment: string): string =>
  comment.replace(/\{@link ([^}|]+)(?:\|[^}]*)?\}/g, (_, name: string) => `\`${name.trim()}\``)

const firstSentence = (text: string): string => (/^[\s\S]*?[.:](?=\s|$)/.exec(text)?.[0] ?? text).replace(/\s+/g, " ")

const pageOfFile = (path: string): Page => {
  const name = path.slice("examples/".length)
  return {
    path: examplePage(path),
    text: [`# ${name}`, "", proseOf(firstComment(read(path))), "", fence(path), ""].join("\n")
  }
}

const pageOfFolder = (folder: string, files: ReadonlyArray<string>): Page => ({
  path: examplePage(`examples/${folder}`),
  text: [
    `# ${folder}/`,
    "",
    ...files.flatMap((path) => [
      `## ${path.slice(`examples/${folder}/`.length)}`,
      "",
      proseOf(firstComment(read(path))),
      "",
      fence(path),
      ""
    ])
  ].join("\n")
})

const sentenceOf = ({ text }: Page): string => {
  const prose = text.split("\n").slice(1).join("\n").split("````")[0]?.replace(/^#.*$/gm, "").trim() ?? ""
  return firstSentence(prose)
}

const linkOf = ({ path }: Page): string => `/${path.replace(/\.md$/, "")}`

/** The pages of all examples, with one that lists them. */
export const examplePages = (): ReadonlyArray<Page> => {
  const files = filesBelow("examples")
  const programs = files.filter((path) => path.split("/").length === 2)
  const folders = new Map<string, ReadonlyArray<string>>()
  for (const path of files.filter((file) => file.split("/").length > 2)) {
    const folder = path.split("/")[1] ?? ""
    folders.set(folder, [...(folders.get(folder) ?? []), path])
  }
  const pages = [...programs.map(pageOfFile), ...[...folders].map(([folder, own]) => pageOfFolder(folder, own))]
  const index = [
    "# Examples",
    "",
    "Programs of the repository, each compiled and run by its tests.",
    "",
    "| example | what it shows |",
    "|---|---|",
    ...pages.map((page) =>
      `| [${titleOf(page.text)}](${linkOf(page)}.md) | ${sentenceOf(page).replaceAll("|", "\\|")} |`
    ),
    ""
  ].join("\n")
  return [{ path: "examples/index.md", text: index }, ...pages]
}

export const exampleItem = (pages: ReadonlyArray<Page>): Item => ({
  text: "Examples",
  collapsed: true,
  items: pages.map((page) => ({ text: titleOf(page.text), link: linkOf(page).replace(/\/index$/, "/") }))
})

/** A page with the code of a file. */
export const codeOf = (path: string): Page => ({
  path: codePage(path),
  text: [`# ${path}`, "", fence(path), ""].join("\n")
})
