/**
 * Changes the document at every kind of place and shows that no change is lost: the output differs, or the generator
 * refuses the change with its place, or the change is on the lists of what is ignored (scripts/generate/keywords.ts).
 *
 * Each run takes some places of each kind of change. `MUTATIONS=50` takes more, `MUTATIONS=all` takes every place (an
 * hour), `SEED=2` takes other places.
 */
import { assert, describe, it } from "@effect/vitest"
import { needing, openApi } from "../../scripts/fixtures/fixtures.js"
import { correct } from "../../scripts/generate/generate.js"
import { isObject, type Json, type JsonObject, object, Refusal } from "../../scripts/generate/json.js"
import { componentSchemas } from "../../scripts/generate/spec.js"
import { tables } from "../../scripts/generate/tables.js"
import { correctedDocument, readDocument, readSupplement } from "./support/document.js"
import { documentMutations } from "./support/documentMutations.js"
import { edit, type Path, type SchemaPlace, visitSchemas } from "./support/edit.js"
import { operationMutations } from "./support/operationMutations.js"
import { schemaMutations } from "./support/schemaMutations.js"
import { outputOf, type Slice, slicesOf } from "./support/slices.js"

const wanted = process.env["MUTATIONS"] ?? "3"
const perKind = wanted === "all" ? Infinity : Number(wanted)
const seed = Number(process.env["SEED"] ?? "1")

/** Some items of a list, which the seed decides. */
const sample = <A>(items: ReadonlyArray<A>): ReadonlyArray<A> => {
  if (items.length <= perKind) return items
  let state = seed
  const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647
  const start = Math.floor(random() * items.length * 1000)
  const stride = items.length / perKind
  return Array.from({ length: perKind }, (_, i) => items[Math.floor(start + i * stride) % items.length])
    .filter((item) => item !== undefined)
}

interface Change {
  readonly slice: Slice
  readonly path: Path
  readonly value: Json
  readonly isIgnored: boolean
}

const verdictOf = ({ path, slice, value }: Change): "refused" | "carried" | "same" => {
  const before = slice.output()
  try {
    return outputOf(slice.id, object(edit(slice.document, path, () => value), slice.id)) === before ? "same" : "carried"
  } catch (error) {
    if (error instanceof Refusal) return "refused"
    throw error
  }
}

/** Lets the test runner report between two changes. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The changes that were lost. */
const lost = async (changes: ReadonlyArray<Change>): Promise<ReadonlyArray<string>> => {
  const found: Array<string> = []
  for (const change of sample(changes)) {
    await breathe()
    if (verdictOf(change) === "same" && !change.isIgnored) {
      found.push(`${change.slice.id} ${change.path.join("/")}: ${JSON.stringify(change.value).slice(0, 200)}`)
    }
  }
  return found
}

/** The schemas of the bodies that an operation sends and receives. */
const bodies = ({ document, method, path }: Slice): ReadonlyArray<readonly [schema: JsonObject, path: Path]> => {
  const at: Path = ["paths", path, method]
  const operation = object(object(object(document["paths"], "#")[path], path)[method], path)
  const parts: ReadonlyArray<readonly [Json | undefined, Path]> = [
    [operation["requestBody"], [...at, "requestBody"]],
    ...Object.entries(object(operation["responses"], path)).map(([status, response]) =>
      [response, [...at, "responses", status]] as const
    )
  ]
  return parts.flatMap(([part, place]) =>
    Object.entries(isObject(part) && isObject(part["content"]) ? part["content"] : {}).flatMap(([mediaType, media]) =>
      isObject(media) && isObject(media["schema"]) && mediaType.includes("json")
        ? [[media["schema"], [...place, "content", mediaType, "schema"]] as const]
        : []
    )
  )
}

/** Every schema of the document that counts, in the smallest part of the document that has it. */
const placesOf = (slices: ReadonlyArray<Slice>): ReadonlyArray<readonly [Slice, SchemaPlace]> => {
  const seen = new Set<string>()
  const found: Array<readonly [Slice, SchemaPlace]> = []
  for (const slice of slices) {
    for (const [schema, path] of bodies(slice)) {
      visitSchemas(componentSchemas(slice.document), schema, path, (place) => {
        const id = JSON.stringify(place.path)
        if (!seen.has(id)) found.push([slice, place])
        seen.add(id)
      })
    }
  }
  return found
}

describe.skipIf(!openApi.isPresent)(needing("a changed document", openApi), () => {
  const slices = openApi.isPresent ? slicesOf(correctedDocument()) : []
  const places = placesOf(slices)

  it("is seen as a whole: the schemas and operations are those of the document", () => {
    assert.isAbove(slices.length, 100)
    assert.isAbove(places.length, 3000)
  })

  for (const mutation of operationMutations) {
    it(`loses nothing: an operation with ${mutation.name}`, { timeout: 600_000 }, async () => {
      const changes = slices.flatMap((slice) => {
        const { document, method, path } = slice
        const operation = object(object(object(document["paths"], "#")[path], path)[method], path)
        return mutation.of(operation, method).map((value): Change => ({
          slice,
          path: ["paths", path],
          value,
          isIgnored: mutation.ignored === true
        }))
      })
      assert.isNotEmpty(changes)
      assert.deepStrictEqual(await lost(changes), [])
    })
  }

  for (const mutation of schemaMutations) {
    it(`loses nothing: a schema with ${mutation.name}`, { timeout: 3_600_000 }, async () => {
      const changes = places.flatMap(([slice, place]) => {
        const [, kind, name] = place.path
        const self = kind === "schemas" ? String(name) : undefined
        const other = Object.keys(componentSchemas(slice.document)).at(-1) ?? ""
        return mutation.of(place, { self, other }).map((value): Change => ({
          slice,
          path: place.path,
          value,
          isIgnored: mutation.ignored?.(place) === true
        }))
      })
      assert.isNotEmpty(changes)
      assert.deepStrictEqual(await lost(changes), [])
    })
  }

  for (const [name, change] of documentMutations) {
    it(`is refused with ${name}`, () =>
      assert.throws(() => correct(change(readDocument()), readSupplement(), tables), Refusal))
  }
})
