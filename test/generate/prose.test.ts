import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { needing, openApi } from "../../scripts/fixtures/fixtures.js"
import { isObject, type Json } from "../../scripts/generate/json.js"
import { generated, readDocument, root } from "./support/document.js"

const runLength = 6

/** Names of the API such as `low-to-high` are one word each. */
const words = (text: string): ReadonlyArray<string> => text.toLowerCase().match(/[a-z0-9]+(?:[-_./][a-z0-9]+)*/g) ?? []

const runs = (text: string): ReadonlyArray<string> => {
  const all = words(text)
  return all.slice(0, Math.max(0, all.length - runLength + 1)).map((_, i) => all.slice(i, i + runLength).join(" "))
}

const prose = new Set(["description", "summary", "title"])

/** Every text of a document that is written for people. */
const proseOf = (json: Json | undefined): ReadonlyArray<string> =>
  Array.isArray(json)
    ? json.flatMap(proseOf)
    : isObject(json)
    ? Object.entries(json).flatMap(([key, value]) =>
      prose.has(key) && typeof value === "string" ? [value] : proseOf(value)
    )
    : []

/** The runs of words that `texts` share with the prose of the document, with where they are. */
const shared = (known: ReadonlySet<string>, texts: ReadonlyMap<string, string>): ReadonlyArray<string> =>
  [...texts].flatMap(([path, text]) =>
    [...new Set(runs(text))].filter((run) => known.has(run)).map((run) => `${path}: ${run}`)
  )

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
    const sources = readdirSync(`${root}${folder}`).map((name) =>
      [`${folder}/${name}`, readFileSync(`${root}${folder}/${name}`, "utf8")] as const
    )
    assert.deepStrictEqual(shared(known, new Map([...generated().files, ...sources])), [])
  })
})
