/** Checks what unions say of their members: the mapping of a discriminator must agree with the values of the members. */
import { refuse } from "./json.js"
import type { Definitions, Ir, Struct } from "./model.js"
import type { Discriminator } from "./parse.js"
import { fieldOf, literalsOf, structsOf } from "./unions.js"

export const checkDiscriminators = (discriminators: ReadonlyArray<Discriminator>, definitions: Definitions): void => {
  const lookup = (name: string): Ir => definitions.get(name)?.type ?? { kind: "unknown" }

  /** The values of the property in a struct, or `undefined` if it can be any text. */
  const valuesOf = (struct: Struct, property: string, at: string): ReadonlyArray<string> | undefined => {
    const type = fieldOf(struct, property)?.type
    const values = type === undefined ? [] : literalsOf(type, lookup)
    return values.length > 0
      ? values
      : type?.kind === "string"
      ? undefined
      : refuse(at, `a member has no "${property}" with fixed values, by which the union is said to be told apart`)
  }

  for (const { at, mapping, members, property } of discriminators) {
    const known = members.filter(({ kind }) => kind !== "null").flatMap((member) => {
      const structs = structsOf(member, lookup)
      return structs.length > 0
        ? structs.flatMap((struct) => valuesOf(struct, property, at) ?? [])
        : refuse(at, `a member is no object, so "${property}" cannot tell it apart`)
    })
    for (const [value, name] of mapping) {
      const target = definitions.get(name) ?? refuse(at, `maps "${value}" to "${name}", which does not exist`)
      const fits = structsOf(target.type, lookup).some((struct) =>
        valuesOf(struct, property, at)?.includes(value) ?? true
      )
      if (!fits) {
        refuse(at, `maps "${value}" to "${name}", whose "${property}" has other values; patch one of them`)
      }
      if (!known.includes(value)) {
        refuse(at, `maps "${value}" to "${name}", which is no member`)
      }
    }
  }
}
