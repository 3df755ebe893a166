/** The guides: which there are, in which order, and their pages. */
import { filesBelow, type Page, read } from "./files.js"
import { type LinkedCode, projectPage, relocate } from "./places.js"

/** An entry of a side bar, as VitePress reads it. */
export interface Item {
  readonly text: string
  readonly link?: string
  readonly collapsed?: boolean
  readonly items?: ReadonlyArray<Item>
}

const map = "docs/README.md"

/** A guide in the map: its file without the ending, and its name there. */
interface Listed {
  readonly page: string
  readonly name: string
}

interface Group {
  readonly title: string
  readonly guides: ReadonlyArray<Listed>
}

const plain = (text: string): string => text.replaceAll("`", "").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").trim()

/** The groups of the map of the guides: each list item under a heading that begins with a link to a guide. */
export const groupsOfMap = (text: string): ReadonlyArray<Group> =>
  text.split(/^## +/m).slice(1).map((section) => ({
    title: section.split("\n")[0]?.trim() ?? "",
    guides: [...section.matchAll(/^[-*|\d.\s]*\[([^\]]+)\]\(([\w-]+)\.md\)/gm)]
      .map(([, name = "", page = ""]) => ({ page, name: plain(name) }))
  })).filter(({ guides }) => guides.length > 0)

const groups = groupsOfMap(read(map))

/** The first heading of a page, without the signs of Markdown. */
export const titleOf = (text: string): string => plain(/^# +(.+)$/m.exec(text)?.[1] ?? "")

const written = (): ReadonlyArray<string> =>
  filesBelow("docs").filter((path) => path.endsWith(".md") && path !== map)
    .map((path) => path.slice("docs/".length, -".md".length))

/** One line for each guide in no group, in two places, or in a group and not there. */
export const groupProblems = (
  listedGroups: ReadonlyArray<Group> = groups,
  pages: ReadonlyArray<string> = written()
): ReadonlyArray<string> => {
  const listed = listedGroups.flatMap(({ guides }) => guides.map(({ page }) => page))
  return [
    ...pages.filter((page) => !listed.includes(page)).map((page) => `docs/${page}.md is in no group of ${map}`),
    ...listed.filter((page) => !pages.includes(page)).map((page) => `${map} lists docs/${page}.md, which is not there`),
    ...listed.filter((page, index) => listed.indexOf(page) !== index).map((page) => `${map} lists ${page} twice`)
  ]
}

export const guideItems = (): ReadonlyArray<Item> =>
  groups.map(({ guides, title }) => ({
    text: title,
    items: guides.map(({ name, page }) => ({ text: name, link: `/guide/${page}` }))
  }))

/** The guides and the pages about the project. */
export const guidePages = (modules: ReadonlySet<string>, code: LinkedCode): ReadonlyArray<Page> => [
  ...filesBelow("docs").filter((path) => path.endsWith(".md")).map((file) => {
    const path = file === map ? "guide/index.md" : file.replace("docs/", "guide/")
    return { path, text: relocate(file, path, read(file), modules, code) }
  }),
  ...["ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"].map((file) => {
    const path = projectPage(file) ?? file
    return { path, text: relocate(file, path, read(file), modules, code) }
  })
]

/** The files of `docs` that are no pages, such as pictures. */
export const guideAssets = (): ReadonlyArray<string> => filesBelow("docs").filter((path) => !path.endsWith(".md"))
