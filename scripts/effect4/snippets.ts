/** Programs in documents and in doc comments, which users of Effect 4 read as programs for Effect 4. */
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
