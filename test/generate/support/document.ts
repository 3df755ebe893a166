import { readFileSync } from "node:fs"
import { openApi, openApiExamples, root } from "../../../scripts/fixtures/fixtures.js"
import { correct, generate, type Output } from "../../../scripts/generate/generate.js"
import { type JsonObject, object } from "../../../scripts/generate/json.js"
import { tables } from "../../../scripts/generate/tables.js"

export { root } from "../../../scripts/fixtures/fixtures.js"

export const readJson = (path: string): JsonObject => object(JSON.parse(readFileSync(path, "utf8")), path)

export const readDocument = (): JsonObject => readJson(openApi.path)

export const readExamples = (): unknown => JSON.parse(readFileSync(openApiExamples.path, "utf8"))

export const readSupplement = (): JsonObject => readJson(`${root}scripts/generate/supplement.json`)

export const correctedDocument = (): JsonObject => correct(readDocument(), readSupplement(), tables)

export const unformatted = (_: string, text: string): string => text

let output: Output | undefined

/** What the generator makes of the document, without the formatting. */
export const generated = (): Output => output ??= generate(correctedDocument(), tables, unformatted)
