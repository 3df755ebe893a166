/** A schema that the document repeats under another name becomes an alias of the first one. */
import { canonical } from "./json.js"
import { type Definition, type Definitions, type Ir, mapChildren } from "./model.js"

/** Only definitions for which `group` returns the same text can be aliases of each other. */
export const shareEqual = (definitions: Definitions, group: (definition: Definition) => string): Definitions => {
  const first = new Map<string, string>()
  const withFirst = (type: Ir): Ir =>
    type.kind === "ref" ? { ...type, name: first.get(type.name) ?? type.name } : mapChildren(type, withFirst)

  // Aliases can make other schemas equal, so this repeats until it finds no more
  for (let found = -1; found < first.size;) {
    found = first.size
    const byShape = new Map<string, string>()
    for (const definition of [...definitions.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (definition.type.kind === "struct" && definition.origin.kind !== "inline") {
        const shape = `${group(definition)} ${definition.nullable} ${canonical(withFirst(definition.type))}`
        const known = byShape.get(shape)
        if (known === undefined) {
          byShape.set(shape, definition.name)
        } else {
          first.set(definition.name, known)
        }
      }
    }
  }
  return new Map([...definitions].map(([name, definition]) => {
    const other = first.get(name)
    return [name, other === undefined ? definition : { ...definition, type: { kind: "ref", name: other } }]
  }))
}
