import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { correct, generate, type Output } from "../../../scripts/generate/generate.js"
import { type JsonObject, object } from "../../../scripts/generate/json.js"
import { tables } from "../../../scripts/generate/tables.js"

export const root = fileURLToPath(new URL("../../..", import.meta.url))

const shared = `${root}../shared/openapi`

/** Whether OpenRouter's document is there to be read; tests that need it say so and are left out where it is not. */
export const hasDocument = existsSync(`${shared}/openrouter.openapi.json`)

export const readJson = (path: string): JsonObject => object(JSON.parse(readFileSync(path, "utf8")), path)

export const readDocument = (): JsonObject => readJson(`${shared}/openrouter.openapi.json`)

export const readExamples = (): unknown => JSON.parse(readFileSync(`${shared}/examples-dev.json`, "utf8"))

export const readSupplement = (): JsonObject => readJson(`${root}scripts/generate/supplement.json`)

export const correctedDocument = (): JsonObject => correct(readDocument(), readSupplement(), tables)

export const unformatted = (_: string, text: string): string => text

let output: Output | undefined

/** What the generator makes of the document, without the formatting. */
export const generated = (): Output => output ??= generate(correctedDocument(), tables, unformatted)

/** Why a test that needs the document is left out. */
export const needsDocument = hasDocument ? "" : " (left out: OpenRouter's document is not at ../shared/openapi)"
