import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { needing, openApiExamples } from "../../scripts/fixtures/fixtures.js"
import { generate } from "../../scripts/generate/generate.js"
import { array, at, isObject, type Json, type JsonObject, object, string } from "../../scripts/generate/json.js"
import { tables } from "../../scripts/generate/tables.js"
import { guard, issues } from "../../src/schema/guard.js"
import {
  correctedDocument,
  generated,
  readDocument,
  readExamples,
  root,
  unformatted
} from "../generate/support/document.js"
import { isSchema, loadSchemas } from "./support/modules.js"
import { fieldsOf } from "./support/values.js"

interface Example {
  readonly ref: string
  readonly value: unknown
  readonly mediaType: string | undefined
}

const examples = (): ReadonlyArray<Example> =>
  array(JSON.parse(JSON.stringify(readExamples())), "examples").map((json) => {
    const example = object(json, "example")
    const mediaType = example["contentType"]
    return {
      ref: string(example["ref"], "ref"),
      value: example["value"],
      mediaType: mediaType === undefined ? undefined : string(mediaType, "contentType")
    }
  })

/** Follows a pointer, and the references on its way: a patch may have put one there. */
const follow = (document: JsonObject, ref: string): Json | undefined =>
  ref.split("/").slice(1).reduce<Json | undefined>((current, key) => {
    const reference = isObject(current) ? current["$ref"] : undefined
    return at((typeof reference === "string" ? at(document, reference) : current) ?? null, `#/${key}`)
  }, document)

/**
 * The schema object that an example belongs to: examples stand beside it in media types and parameters, and in the half
 * of an `allOf` they show the whole.
 */
const schemaObject = (document: JsonObject, ref: string): Json => {
  const pointer = ref.replace(/\/(allOf\/\d|examples\/[^/]+)$/, "")
  // Below a place that a patch has opened to any value, the document still tells what the example shows
  const place = follow(document, pointer) ?? follow(readDocument(), pointer)
  assert.isDefined(place, ref)
  return isObject(place) && place["schema"] !== undefined && !ref.startsWith("#/components/")
    ? place["schema"]
    : place ?? null
}

const componentName = (ref: string): string | undefined => /^#\/components\/schemas\/([^/]+)$/.exec(ref)?.[1]

/**
 * Generates the document once more with an operation whose answer has the schema object of each nested example as a
 * property, so that what decodes an example is what the generator writes for its place.
 */
const compileNested = async (
  document: JsonObject,
  refs: ReadonlyArray<string>
): Promise<ReadonlyMap<string, Schema.Schema<unknown>>> => {
  const properties = Object.fromEntries(refs.map((ref, i) => [`e${i}`, schemaObject(document, ref)]))
  const answer = { type: "object", properties, required: Object.keys(properties) }
  const operation = {
    operationId: "examples",
    responses: { 200: { content: { "application/json": { schema: answer } } } }
  }
  const { files, moduleOf } = generate(
    { ...document, paths: { ...object(document["paths"], "#/paths"), "/examples": { get: operation } } },
    {
      ...tables,
      operations: { ...tables.operations, examples: { name: "examples.examples", doc: "Holds the examples." } },
      moduleDocs: {},
      fieldDocs: { shared: {}, own: {} }
    },
    unformatted
  )
  const folder = `build/examples-${process.pid}`
  mkdirSync(`${root}${folder}`, { recursive: true })
  try {
    writeFileSync(`${root}${folder}/prelude.ts`, `export * from "../../src/schema/prelude.js"\n`)
    for (const [path, text] of files) {
      const name = /^src\/schema\/(.*)$/.exec(path)?.[1]
      if (name !== undefined) writeFileSync(`${root}${folder}/${name}`, text)
    }
    const exports: Record<string, unknown> = await import(
      /* @vite-ignore */ `${root}${folder}/${moduleOf("ExamplesResponse")}.ts`
    )
    const whole = exports["ExamplesResponse"]
    assert.isTrue(isSchema(whole))
    const fields = isSchema(whole) ? fieldsOf(whole.ast) : []
    return new Map(refs.flatMap((ref, i) => {
      const field = fields.find(({ name }) => name === `e${i}`)
      return field === undefined ? [] : [[ref, Schema.make<unknown>(field.node)] as const]
    }))
  } finally {
    rmSync(`${root}${folder}`, { recursive: true })
  }
}

/** The document writes bytes as text. */
const isBytes = ({ mediaType }: Example): boolean => mediaType !== undefined && /^(video|audio)\/|octet/.test(mediaType)

const withBytes = (example: Example): unknown =>
  example.mediaType === "multipart/form-data" && isObject(example.value)
    ? { ...example.value, file: new TextEncoder().encode(String(example.value["file"])) }
    : example.value

describe("examples", () => {
  it.skipIf(!openApiExamples.isPresent)(
    needing("every example of the document decodes", openApiExamples),
    { timeout: 120_000 },
    async () => {
      const document = correctedDocument()
      const all = examples()
      const schemas = await loadSchemas()
      // What no operation reaches is not generated, but its examples show whether the generator reads it well
      const isNested = (ref: string) => schemas.get(componentName(ref) ?? "") === undefined
      const nested = await compileNested(document, [...new Set(all.map(({ ref }) => ref).filter(isNested))])
      const failures: Array<string> = []
      for (const example of all) {
        const name = componentName(example.ref)
        const schema = isBytes(example)
          ? Schema.make<unknown>(Schema.String.ast)
          : schemas.get(name ?? "") ?? nested.get(example.ref)
        const definition = name === undefined ? undefined : generated().spec.definitions.get(name)
        const value = withBytes(example)
        if (schema === undefined) failures.push(`${example.ref}: no schema`)
        else if (!(value === null && definition?.nullable === true)) {
          const problems = issues(schema, value)
          if (problems.length > 0) failures.push(`${example.ref}: ${problems[0]?.path} ${problems[0]?.message}`)
          assert.strictEqual(guard(schema)(value), problems.length === 0, example.ref)
        }
      }
      assert.deepStrictEqual(failures, [])
      assert.strictEqual(all.length, 1833)
      console.log(`${all.length} of ${all.length} examples decode`)
    }
  )
})
