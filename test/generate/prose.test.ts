import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { needing, openApi } from "../../scripts/fixtures/fixtures.js"
import { proseOf, runs, shared } from "../../scripts/generate/prose.js"
import { generated, readDocument, root } from "./support/document.js"

describe("prose", () => {
  it("finds a copied sentence in any case and with any line breaks and punctuation", () => {
    const known = new Set(runs("The total number of tokens, in every request."))
    const text = "/**\n * the total number\n * of tokens in EVERY request\n */"
    assert.lengthOf(shared(known, new Map([["a.ts", text]])), 3)
    assert.lengthOf(shared(known, new Map([["a.ts", "the total number of tokens"]])), 0)
  })

  it.skipIf(!openApi.isPresent)(needing("the output has no sentence of the document", openApi), () => {
    const texts = proseOf(readDocument())
    assert.isAbove(texts.length, 1000)
    const known = new Set(texts.flatMap(runs))
    const folder = "scripts/generate"
    const sources = readdirSync(`${root}${folder}`, { recursive: true, encoding: "utf8" }).filter((name) =>
      /\.\w+$/.test(name)
    ).map((
      name
    ) => [`${folder}/${name}`, readFileSync(`${root}${folder}/${name}`, "utf8")] as const)
    assert.deepStrictEqual(shared(known, new Map([...generated().files, ...sources])), [])
  })
})
