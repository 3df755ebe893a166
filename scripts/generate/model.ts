/** What the generator thinks in, between the document and the source text. */

export interface Field {
  readonly name: string
  readonly optional: boolean
  readonly deprecated: boolean
  readonly type: Ir
  /** Set when an open union tells its members apart by this field: its literals then stay closed. */
  tag: boolean
}

export interface Struct {
  readonly kind: "struct"
  readonly fields: ReadonlyArray<Field>
  /** Type of the fields that are not listed, where the document speaks of them. */
  readonly rest: Ir | undefined
}

export type Ir =
  | { readonly kind: "string" | "number" | "boolean" | "null" | "unknown" | "file" }
  | { readonly kind: "literals"; readonly values: ReadonlyArray<string | number | boolean> }
  | { readonly kind: "array"; readonly item: Ir }
  | { readonly kind: "record"; readonly value: Ir }
  | { readonly kind: "nullable"; readonly of: Ir }
  | { readonly kind: "union"; readonly members: ReadonlyArray<Ir>; readonly discriminator?: string | undefined }
  | { readonly kind: "open"; readonly tag: string; readonly members: ReadonlyArray<Ir> }
  | { readonly kind: "ref"; readonly name: string }
  | Struct

export interface Definition {
  readonly name: string
  /** Where it comes from, as a JSON pointer into the document. */
  readonly pointer: string
  /** How it came to be named. */
  readonly origin: Origin
  readonly type: Ir
  /** The document allows `null` wherever this name is used. */
  readonly nullable: boolean
}

export type Origin =
  | { readonly kind: "component" }
  | { readonly kind: "request" | "response" | "event"; readonly operationId: string }
  | { readonly kind: "inline"; readonly parent: string; readonly path: string }

export type Definitions = ReadonlyMap<string, Definition>

export const children = (type: Ir): ReadonlyArray<Ir> => {
  switch (type.kind) {
    case "array":
      return [type.item]
    case "record":
      return [type.value]
    case "nullable":
      return [type.of]
    case "union":
    case "open":
      return type.members
    case "struct":
      return [...type.fields.map((field) => field.type), ...(type.rest === undefined ? [] : [type.rest])]
    default:
      return []
  }
}

/** Names that a type mentions. */
export const references = (type: Ir): ReadonlyArray<string> =>
  type.kind === "ref" ? [type.name] : children(type).flatMap(references)

/** The same type with each child replaced. */
export const mapChildren = (type: Ir, f: (child: Ir) => Ir): Ir => {
  switch (type.kind) {
    case "array":
      return { ...type, item: f(type.item) }
    case "record":
      return { ...type, value: f(type.value) }
    case "nullable":
      return { ...type, of: f(type.of) }
    case "union":
    case "open":
      return { ...type, members: type.members.map(f) }
    case "struct":
      return {
        ...type,
        fields: type.fields.map((field) => ({ ...field, type: f(field.type) })),
        rest: type.rest === undefined ? undefined : f(type.rest)
      }
    default:
      return type
  }
}
