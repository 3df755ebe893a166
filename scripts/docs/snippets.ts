/** Finds the TypeScript that the documentation shows: fences of Markdown files and of `@example`s in source files. */

/** A piece of code and where it stands: `line` is the line of its first code line, counted from 1. */
export interface Snippet {
  readonly path: string
  readonly line: number
  readonly code: string
}

const isTypeScript = (info: string): boolean => ["ts", "typescript"].includes(info.trim().split(/[\s{]/)[0] ?? "")

const dedent = (line: string, width: number): string =>
  line.slice(0, width).trim() === "" ? line.slice(width) : line.trimStart()

const fences = (path: string, lines: ReadonlyArray<string>, firstLine: number): ReadonlyArray<Snippet> => {
  const found: Array<Snippet> = []
  let open:
    | { readonly mark: string; readonly indent: number; readonly keep: boolean; readonly line: number }
    | undefined
  let code: Array<string> = []
  lines.forEach((line, index) => {
    const fence = /^(\s*)(`{3,}|~{3,})(.*)$/.exec(line)
    if (open === undefined) {
      if (fence === null) return
      const [, indent = "", mark = "", info = ""] = fence
      open = { mark, indent: indent.length, keep: isTypeScript(info), line: firstLine + index + 1 }
      code = []
      return
    }
    if (fence !== null && fence[2]?.startsWith(open.mark) === true && fence[3]?.trim() === "") {
      if (open.keep) found.push({ path, line: open.line, code: code.join("\n") + "\n" })
      open = undefined
      return
    }
    code.push(dedent(line, open.indent))
  })
  return found
}

/** The `ts` fences of a Markdown file. */
export const ofMarkdown = (path: string, text: string): ReadonlyArray<Snippet> => fences(path, text.split("\n"), 1)

/** The `ts` fences in the doc comments of a source file. */
export const ofSource = (path: string, text: string): ReadonlyArray<Snippet> => {
  const found: Array<Snippet> = []
  for (const comment of text.matchAll(/^[ \t]*\/\*\*\n[\s\S]*?\*\//gm)) {
    const firstLine = text.slice(0, comment.index).split("\n").length
    const lines = comment[0].split("\n").map((line) => line.replace(/^\s*\* ?/, "").replaceAll("*\\/", "*/"))
    found.push(...fences(path, lines, firstLine))
  }
  return found
}

/** The places where a doc comment has an `@example` without code that can be checked. */
export const examplesWithoutCode = (path: string, text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^\s*\* @example(?!\s*\n\s*\* ```ts\b).*$/gm)].map((match) =>
    `${path}:${text.slice(0, match.index).split("\n").length + (match[0].startsWith("\n") ? 1 : 0)}: ` +
    "@example must be followed by a ```ts fence"
  )
