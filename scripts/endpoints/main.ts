/**
 * `npm run endpoints`: prints the table of all operations. Fails when OpenRouter's document, our supplement or the
 * official SDK has one that the library lacks, and when the page made of the rows is out of date.
 *
 * `--write` writes the page, `--sdk <path>` names another list of the SDK's methods.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import * as Library from "../../src/index.js"
import { openApi } from "../fixtures/fixtures.js"
import { type JsonObject, object } from "../generate/json.js"
import { missing, readSdk, table } from "./coverage.js"
import { page } from "./page.js"
import { root, rows } from "./rows.js"

const read = (path: string): JsonObject => object(JSON.parse(readFileSync(path, "utf8")), path)

const pagePath = `${root}docs/from-openrouter-sdk.md`

const { values } = parseArgs({
  options: {
    write: { type: "boolean", default: false },
    sdk: { type: "string", default: `${root}scripts/endpoints/sdk.json` }
  }
})
const documents = [...(openApi.isPresent ? [read(openApi.path)] : []), read(`${root}scripts/generate/supplement.json`)]
const sdk = readSdk(read(values.sdk))
const text = page(rows, sdk)
if (values.write) {
  writeFileSync(pagePath, text)
}
const written = existsSync(pagePath) ? readFileSync(pagePath, "utf8") : ""
const problems = [
  ...missing(rows, documents, sdk, Library),
  ...(written === text ? [] : ["docs/from-openrouter-sdk.md is out of date: npm run endpoints -- --write"])
]

console.log(table(rows))
console.log("")
console.log(
  `${new Set(rows.map(({ row }) => row.operationId)).size} operations, ${rows.length} functions; ` +
    `${Object.keys(sdk.methods).length} methods of ${sdk.package} ${sdk.version}` +
    (openApi.isPresent ? "" : `; not compared with the ${openApi.name}: it is not at ${openApi.path}`)
)
for (const problem of problems) {
  console.error(problem)
}
process.exitCode = problems.length === 0 ? 0 : 1
