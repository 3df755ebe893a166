/** Pieces of pages: cells of tables, and types whose names are links. */
import { dirname, relative } from "node:path/posix"
import { declaringFile } from "./declarations.js"
import { modulePage } from "./places.js"

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;" }

const escaped = (text: string): string => text.replace(/[&<>|]/g, (sign) => entities[sign] ?? sign)

/** The anchor of a name on its page of the API reference. */
export const anchorOfName = (name: string): string => name.toLowerCase().replaceAll("_", "-")

/** Where the page of the API reference shows a name. */
export const linkToType = (
  page: string,
  file: string,
  name: string,
  modules: ReadonlySet<string>
): string | undefined => {
  const declaring = declaringFile(file, name)
  const module = /^src\/(.+)\.ts$/.exec(declaring ?? "")?.[1]?.replace("services/endpoints/", "services/")
  if (module === undefined || !modules.has(module)) return undefined
  return `${relative(dirname(page), modulePage(module)).replace(/\.md$/, ".html")}#${anchorOfName(name)}`
}

/** A type as HTML in which each public name of the library is a link. */
export const typeCode = (page: string, file: string, type: string, modules: ReadonlySet<string>): string => {
  const html = type.split(/("[^"]*"|\b[A-Z]\w*)/).map((part) => {
    const link = /^[A-Z]/.test(part) ? linkToType(page, file, part, modules) : undefined
    return link === undefined ? escaped(part) : `<a href="${link}">${escaped(part)}</a>`
  }).join("")
  return `<code v-pre>${html}</code>`
}

/** Prose in a cell of a table. */
export const cell = (text: string): string => text.replace(/\s*\n\s*/g, " ").replaceAll("|", "\\|").trim()

export const tableRow = (...cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`
