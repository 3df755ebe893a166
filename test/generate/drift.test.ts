import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { formatTypeScript } from "../../scripts/build/format.js"
import { needing, openApi } from "../../scripts/fixtures/fixtures.js"
import { changes, digest } from "../../scripts/generate/digest.js"
import { generate } from "../../scripts/generate/generate.js"
import type { JsonObject } from "../../scripts/generate/json.js"
import { operationObjects } from "../../scripts/generate/spec.js"
import { tables } from "../../scripts/generate/tables.js"
import { correctedDocument, generated, readDocument, readJson, readSupplement, root } from "./support/document.js"

const recordedDigest: ReturnType<typeof digest> = JSON.parse(
  readFileSync(`${root}scripts/generate/digest.json`, "utf8")
)

describe("drift", () => {
  it.skipIf(!openApi.isPresent)(needing("the committed files are the output of the generator", openApi), () => {
    const { files } = generate(correctedDocument(), tables, formatTypeScript)
    assert.isAbove(files.size, 100)
    for (const [path, text] of files) {
      assert.strictEqual(readFileSync(root + path, "utf8"), text, path)
    }
  })

  it.skipIf(!openApi.isPresent)(needing("two runs have the same output", openApi), () => {
    const again = generate(correctedDocument(), tables, (_, text) => text)
    assert.deepStrictEqual([...again.files], [...generated().files])
  })

  it.skipIf(!openApi.isPresent)(needing("the digest is the digest of the document", openApi), () => {
    assert.deepStrictEqual(digest(readDocument(), recordedDigest.date), recordedDigest)
    assert.match(recordedDigest.date, /^\d{4}-\d\d-\d\d$/)
  })

  it("every operation of the digest and of the supplement has a name, and every name has an operation", () => {
    const supplied = operationObjects(readSupplement()).map(([id]) => id)
    assert.deepStrictEqual(
      Object.keys(tables.operations).sort(),
      [...Object.keys(recordedDigest.operations), ...supplied].sort()
    )
  })

  it("lists what was added, removed and altered, and ignores prose", () => {
    const schema = (properties: JsonObject, description: string): JsonObject => ({
      paths: {
        "/things": { get: { operationId: "listThings", description, responses: { 200: {} } } }
      },
      components: { schemas: { Thing: { type: "object", description, properties } } }
    })
    const before = digest(schema({ description: { type: "string" } }, "A thing."), "2026-01-01")
    const reworded = digest(schema({ description: { type: "string" } }, "One thing."), "2026-01-02")
    const altered = digest(schema({ description: { type: "number" } }, "A thing."), "2026-01-02")
    const renamed = { ...before, schemas: { Other: "0" }, operations: {} }
    assert.deepStrictEqual(changes(before, reworded), [])
    assert.notStrictEqual(before.sha256, reworded.sha256)
    assert.deepStrictEqual(changes(before, altered), ["altered  schema Thing"])
    assert.deepStrictEqual(changes(before, renamed), [
      "removed  operation listThings",
      "added    schema Other",
      "removed  schema Thing"
    ])
  })

  it("the supplement has only paths and components", () => {
    assert.sameMembers(Object.keys(readJson(`${root}scripts/generate/supplement.json`)), ["paths", "components"])
  })
})
