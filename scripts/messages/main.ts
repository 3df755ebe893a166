/**
 * `npm run messages`: everything that the library says while it runs, in one list, so that it can be read in one go. A word
 * behind it shows the messages that have it: `npm run messages timeout`.
 */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path/posix"
import { fileURLToPath } from "node:url"
import { messagesOf } from "./messages.js"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** Generated files have no messages of their own. */
const isGenerated = (path: string): boolean => /^src\/(schema\/[A-Z]|services\/endpoints\/)/.test(path)

const paths = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .map((path) => join("src", path))
  .filter((path) => path.endsWith(".ts") && !isGenerated(path))
  .sort()

const [, , word = ""] = process.argv
let count = 0
for (const path of paths) {
  for (const { kind, line, text } of messagesOf(path, readFileSync(join(root, path), "utf8"))) {
    if (!text.toLowerCase().includes(word.toLowerCase())) continue
    console.log(`${path}:${line}  ${kind}  ${text.replaceAll("\n", "⏎")}`)
    count++
  }
}
console.log(`\n${count} messages`)
