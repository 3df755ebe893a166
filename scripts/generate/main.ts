/** `npm run generate`: writes src/schema and src/services/endpoints from OpenRouter's OpenAPI document. */
import * as fs from "node:fs"
import * as path from "node:path"
import { renames } from "./docs.js"
import { emitSchemas } from "./emitSchemas.js"
import { isObject } from "./json.js"
import { operations } from "./operations.js"
import { applyPatches, supplement } from "./patch.js"
import { patches } from "./patches.js"
import { read } from "./spec.js"

const root = path.resolve(import.meta.dirname, "../..")
const document = applyPatches(
  supplement(
    JSON.parse(fs.readFileSync(path.resolve(root, "../shared/openapi/openrouter.openapi.json"), "utf8")),
    JSON.parse(fs.readFileSync(path.resolve(root, "scripts/generate/supplement.json"), "utf8"))
  ),
  patches
)
if (isObject(document)) {
  const spec = read(document, { operations, renames })
  const { files } = emitSchemas(spec)
  for (const [name, text] of files) fs.writeFileSync(path.join(root, "src/schema", `${name}.ts`), text)
  for (const [name, text] of files) console.log(name, text.split("\n").length)
}
