/** The types of the generator: the document after parsing, before it is printed as source text. */

export interface Field {
  readonly name: string
  readonly optional: boolean
  readonly deprecated: boolean
  readonly type: Ir
  /** Our sentence, once `fieldDocs.ts` has found it. */
  readonly doc?: string | undefined
  /** Set when an open union distinguishes its members by this field. Its literals then stay closed. */
  tag: boolean
}

export interface Struct {
  readonly kind: "struct"
  readonly fields: ReadonlyArray<Field>
  /** The type of the fields that are not listed, when the document has one. */
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
  /** The JSON pointer of the definition in the document. */
  readonly pointer: string
  /** The source of its name. */
  readonly origin: Origin
  readonly type: Ir
  /** The document allows `null` wherever this name is used. */
  readonly nullable: boolean
  readonly deprecated: boolean
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
    case "string":
    case "number":
    case "boolean":
    case "null":
    case "unknown":
    case "file":
    case "literals":
    case "ref":
      return []
  }
}

/** The names of all definitions that a type refers to. */
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
    case "string":
    case "number":
    case "boolean":
    case "null":
    case "unknown":
    case "file":
    case "literals":
    case "ref":
      return type
  }
}
