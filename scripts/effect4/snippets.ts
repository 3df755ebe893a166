/** Programs in documents and in doc comments, which users of Effect 4 read as programs for Effect 4. */
import { ofMarkdown, ofSource } from "../docs/snippets.js"
import { codeFor4 } from "./codemod.js"

const block = /^([ \t]*(?:\*[ \t])?)```ts\n([\s\S]*?)^[ \t]*(?:\*[ \t])?```$/gm

/** The text with each program carried over. The lines of a doc comment keep their margin. */
export const snippetsFor4 = (path: string, text: string): string =>
  text.replace(block, (whole, margin: string, program: string) => {
    const empty = margin.trimEnd()
    const lines = program.split("\n").slice(0, -1)
    const code = lines.map((line) => line.startsWith(margin) ? line.slice(margin.length) : "").join("\n")
    const carried = codeFor4(path, code).split("\n").map((line) => line === "" ? empty : `${margin}${line}`)
    return [`${margin}\`\`\`ts`, ...carried, whole.slice(whole.lastIndexOf("\n") + 1)].join("\n")
  })

/** Below this folder each program is a file, which the compiler reads: its name says where the program stands. */
export const snippetsFolder = "snippets"

/** The files of the programs in a file of Effect 4. */
export const snippetFiles = (path: string, text: string): ReadonlyArray<readonly [path: string, code: string]> => {
  const snippets = path.endsWith(".md") ? ofMarkdown(path, text) : path.startsWith("src/") ? ofSource(path, text) : []
  return snippets.map(({ code, line }) => [`${snippetsFolder}/${path}.${line}.ts`, code])
}

/** Where a line of a file stands, which may be the file of a program. */
export const placeOf = (path: string, line: number): readonly [path: string, line: number] => {
  const [, of, first] = /^snippets\/(.+)\.(\d+)\.ts$/.exec(path) ?? []
  return of === undefined ? [path, line] : [of, Number(first) + line - 1]
}
