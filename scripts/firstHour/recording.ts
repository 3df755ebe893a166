/** The output of a program as a picture that plays it. */
import type { Piece } from "./shell.js"

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")

const letter = 9.6

/** Each piece of a line appears when it arrived. After a pause the recording begins again. */
export const recordingOf = (pieces: ReadonlyArray<Piece>): string => {
  const [first, ...others] = pieces
  const start = first?.at ?? 0
  const last = others.at(-1)?.at ?? start
  const seconds = (last - start) / 1000 + 3
  let column = 0
  const texts = pieces.map(({ at, text }) => {
    // A space at the beginning of a text would be lost
    const x = 24 + (column + text.length - text.trimStart().length) * letter
    column += text.length
    const shown = Math.max(0.001, (at - start + 600) / 1000 / seconds).toFixed(3)
    return `  <text x="${x.toFixed(1)}" y="92">${escaped(text.trim())}` +
      `<animate attributeName="opacity" calcMode="discrete" dur="${seconds.toFixed(2)}s" repeatCount="indefinite" ` +
      `keyTimes="0;${shown}" values="0;1"/></text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 120" width="480" role="img" aria-label="${
    escaped(pieces.map(({ text }) => text).join(""))
  }">
  <rect width="480" height="120" rx="8" fill="#16181d"/>
  <g fill="#5b606b"><circle cx="24" cy="22" r="5"/><circle cx="42" cy="22" r="5"/><circle cx="60" cy="22" r="5"/></g>
  <g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="16" fill="#e8eaee" xml:space="preserve">
  <text x="24" y="62" fill="#8b93a1">$ npx tsx hello.ts</text>
${texts.join("\n")}
  </g>
</svg>
`
}
