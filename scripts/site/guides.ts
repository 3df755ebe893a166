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

/** The groups of the map of the guides: each list item under a heading that begins with a link to a guide. */
const groupsOfMap = (text: string): ReadonlyArray<{ readonly title: string; readonly pages: ReadonlyArray<string> }> =>
  text.split(/^## +/m).slice(1).map((section) => ({
    title: section.split("\n")[0]?.trim() ?? "",
    pages: [...section.matchAll(/^[-*|\d.\s]*\[[^\]]+\]\(([\w-]+)\.md\)/gm)].map(([, page = ""]) => page)
  })).filter(({ pages }) => pages.length > 0)

const groups = groupsOfMap(read(map))

/** The first heading of a page, without the signs of Markdown. */
export const titleOf = (text: string): string =>
  (/^# +(.+)$/m.exec(text)?.[1] ?? "").replaceAll("`", "").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").trim()

/** One line for each guide in no group, in two groups, or in a group and not there. */
export const groupProblems = (): ReadonlyArray<string> => {
  const listed = groups.flatMap(({ pages }) => pages)
  const written = filesBelow("docs").filter((path) => path.endsWith(".md") && path !== map)
    .map((path) => path.slice("docs/".length, -".md".length))
  return [
    ...written.filter((page) => !listed.includes(page)).map((page) => `docs/${page}.md is in no group of ${map}`),
    ...listed.filter((page) => !written.includes(page)).map((page) =>
      `${map} lists docs/${page}.md, which is not there`
    ),
    ...listed.filter((page, index) => listed.indexOf(page) !== index).map((page) => `${map} lists ${page} twice`)
  ]
}

export const guideItems = (): ReadonlyArray<Item> =>
  groups.map(({ pages, title }) => ({
    text: title,
    items: pages.map((page) => ({ text: titleOf(read(`docs/${page}.md`)), link: `/guide/${page}` }))
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
