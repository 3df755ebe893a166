/** Checks the built site: every link leads to a page or a file of it, and every anchor to a place in its page. */
import { readdirSync, readFileSync } from "node:fs"
import { join, normalize } from "node:path/posix"

export interface Checked {
  readonly pages: number
  readonly links: number
  readonly anchors: number
  readonly external: number
  readonly problems: ReadonlyArray<string>
}

const unescaped = (text: string): string =>
  text.replaceAll("&amp;", "&").replaceAll("&quot;", "\"").replaceAll("&#39;", "'").replaceAll("&lt;", "<")

const attributes = (html: string, name: string): ReadonlyArray<string> =>
  [...html.matchAll(new RegExp(`<[a-z][^<>]*? ${name}="([^"]*)"`, "g"))].map(([, value = ""]) => unescaped(value))

const isAddress = (link: string): boolean => /^(https?|mailto|data):/.test(link) && URL.canParse(link)

/** Reads all pages below a folder, which the server has at `base`. */
export const checkHtml = (folder: string, base: string): Checked => {
  const files = new Set(
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => path.replaceAll("\\", "/"))
  )
  const pages = [...files].filter((path) => path.endsWith(".html")).sort()
  const texts = new Map(pages.map((path) => [path, readFileSync(join(folder, path), "utf8")]))
  const ids = new Map([...texts].map(([path, html]) => [path, new Set(attributes(html, "id"))]))
  const problems: Array<string> = []
  const seen = { links: 0, anchors: 0, external: 0 }
  for (const [path, html] of texts) {
    // The page of a missing page has the links of every address
    const place = new URL(path, `http://site${base}`)
    for (const link of new Set([...attributes(html, "href"), ...attributes(html, "src")])) {
      if (/^[a-z]+:/.test(link)) {
        seen.external++
        if (!isAddress(link)) problems.push(`${path}: ${link} is no address`)
        continue
      }
      seen.links++
      const url = new URL(link, place)
      const below = decodeURIComponent(url.pathname).slice(base.length)
      const candidates = [below, `${below}.html`, join(below, "index.html")].map((each) => normalize(each))
      const target = url.pathname.startsWith(base)
        ? candidates.find((each) => files.has(each) && !isDirectory(each, files))
        : undefined
      if (target === undefined) {
        problems.push(`${path}: there is no ${link}`)
        continue
      }
      if (url.hash === "" || url.hash === "#") continue
      seen.anchors++
      if (ids.get(target)?.has(decodeURIComponent(url.hash.slice(1))) !== true) {
        problems.push(`${path}: ${target} has no place ${url.hash}`)
      }
    }
  }
  return { pages: pages.length, ...seen, problems }
}

const isDirectory = (path: string, files: ReadonlySet<string>): boolean =>
  !/\.\w+$/.test(path) && [...files].some((file) => file.startsWith(`${path}/`))
