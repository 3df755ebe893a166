import * as Schema from "effect/Schema"
import { readdirSync } from "node:fs"
import { root } from "../../generate/support/document.js"

const folder = `${root}src/schema`

export const schemaModules: ReadonlyArray<string> = readdirSync(folder)
  .filter((name) => /^[A-Z].*\.ts$/.test(name))
  .map((name) => name.slice(0, -".ts".length))
  .sort()

/** Every generated schema by its name. */
export const loadSchemas = async (): Promise<ReadonlyMap<string, Schema.Schema<unknown>>> => {
  const found = new Map<string, Schema.Schema<unknown>>()
  for (const module of schemaModules) {
    const exports: Record<string, unknown> = await import(`../../../src/schema/${module}.ts`)
    for (const [name, value] of Object.entries(exports)) {
      if (isSchema(value)) found.set(name, value)
    }
  }
  return found
}

export const isSchema = (value: unknown): value is Schema.Schema<unknown> => Schema.isSchema(value)
