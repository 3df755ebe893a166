/** `npm run exports`: writes `exports` of package.json from the entries of the library. */
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { exportsOf, publicEntries } from "./entries.js"

const root = fileURLToPath(new URL("../..", import.meta.url))
const path = new URL("../../package.json", import.meta.url)
const manifest: Readonly<Record<string, unknown>> = JSON.parse(readFileSync(path, "utf8"))
const exports = exportsOf(publicEntries(root))
writeFileSync(path, JSON.stringify({ ...manifest, exports }, null, 2) + "\n")
console.log(`${Object.keys(exports).length} addresses written to package.json`)
