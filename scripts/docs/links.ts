/** The links of the Markdown files: each file and each heading that they name must exist. */
import { dirname, join, normalize } from "node:path/posix"

/** A Markdown file by its path in the repository. */
export interface Page {
  readonly path: string
  readonly text: string
}

/** A page without its blocks of code, line by line. */
const prose = (text: string): ReadonlyArray<string> => {
  let isCode = false
  return text.split("\n").map((line) => {
    if (/^\s*(```|~~~)/.test(line)) {
      isCode = !isCode
      return ""
    }
    return isCode ? "" : line
  })
}

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replace(/\s/g, "-")

const anchors = (text: string): ReadonlySet<string> => {
  const found = new Set<string>()
  for (const line of prose(text)) {
    const heading = /^#{1,6}\s+(.*)$/.exec(line)?.[1]
    if (heading === undefined) continue
    const anchor = anchorOf(heading)
    let unique = anchor
    for (let count = 1; found.has(unique); count++) unique = `${anchor}-${count}`
    found.add(unique)
  }
  return found
}

/** One line for each link to a file or to a heading that does not exist. `exists` is given paths in the repository. */
export const checkLinks = (
  pages: ReadonlyArray<Page>,
  exists: (path: string) => boolean
): ReadonlyArray<string> => {
  const headings = new Map(pages.map(({ path, text }) => [path, anchors(text)]))
  return pages.flatMap(({ path, text }) =>
    prose(text).flatMap((line, index) =>
      // Links in code are examples
      [...line.replace(/`[^`]*`/g, "").matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = ""]) => {
        if (/^[a-z]+:/.test(link)) return []
        const [file = "", anchor] = link.split("#")
        const target = file === "" ? path : normalize(join(dirname(path), file)).replace(/\/$/, "")
        const at = `${path}:${index + 1}`
        if (!exists(target)) return [`${at}: there is no ${target}`]
        return anchor === undefined || headings.get(target)?.has(anchor) === true
          ? []
          : [`${at}: ${target} has no heading #${anchor}`]
      })
    )
  )
}
