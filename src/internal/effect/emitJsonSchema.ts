/** JSON Schema from Effect schemas. Effect 4 needs another preparation: its `Number` allows NaN as a string. */
import * as JSONSchema from "effect/JSONSchema"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import { bigintMark, type Path, Refusal } from "../refusal.js"

/**
 * The JSON Schema of the encoded side of a schema, with its definitions. Throws a {@link Refusal} where it has none.
 *
 * @internal
 */
export const emitJsonSchema = (ast: AST.AST): { readonly [keyword: string]: unknown } => {
  const definitions: Record<string, JSONSchema.JsonSchema7> = {}
  const schema = JSONSchema.fromAST(emittable(ast), {
    definitions,
    target: "jsonSchema2020-12",
    topLevelReferenceStrategy: "skip"
  })
  return { ...schema, $defs: definitions }
}

/**
 * Prepares a schema for `JSONSchema.fromAST`, so that nothing is lost: a recursion gets its own name, a refinement
 * keeps the description of the schema that it refines, dates get their format, and a value that JSON cannot hold is
 * refused with its path.
 */
const emittable = (ast: AST.AST): AST.AST => {
  const done = new Map<AST.AST, AST.AST>()
  const names = new Map<AST.AST, string>()

  const of = (ast: AST.AST, path: Path): AST.AST => {
    const known = done.get(ast)
    if (known !== undefined) return known
    const made = prepare(ast, path)
    done.set(ast, made)
    return made
  }

  const prepare = (ast: AST.AST, path: Path): AST.AST => {
    if (overridden(ast)) return marked(ast)
    switch (ast._tag) {
      case "BigIntKeyword":
      case "SymbolKeyword":
      case "UniqueSymbol":
        throw new Refusal(path, `JSON has no ${ast._tag === "BigIntKeyword" ? "bigint" : "symbol"}`)
      case "Declaration": {
        const surrogate = Option.getOrUndefined(AST.getSurrogateAnnotation(ast))
        if (surrogate !== undefined) return of(surrogate, path)
        throw new Refusal(
          path,
          `${String(ast)} is no JSON`
        )
      }
      case "TypeLiteral":
        return new AST.TypeLiteral(
          ast.propertySignatures.map((property) =>
            new AST.PropertySignature(
              property.name,
              of(property.type, [...path, String(property.name)]),
              property.isOptional,
              property.isReadonly,
              property.annotations
            )
          ),
          ast.indexSignatures.map((index) =>
            new AST.IndexSignature(index.parameter, of(index.type, [...path, "[key]"]), index.isReadonly)
          ),
          ast.annotations
        )
      case "TupleType":
        return new AST.TupleType(
          ast.elements.map((element, index) =>
            new AST.OptionalType(of(element.type, [...path, String(index)]), element.isOptional, element.annotations)
          ),
          ast.rest.map((rest) => new AST.Type(of(rest.type, [...path, "[]"]), rest.annotations)),
          ast.isReadonly,
          ast.annotations
        )
      case "Union":
        return AST.Union.make(ast.types.map((member) => of(member, path)), ast.annotations)
      case "Refinement":
        return refinement(ast, of(ast.from, path))
      case "Transformation":
        return transformation(ast, path)
      case "Suspend":
        return new AST.Suspend(() => of(behind(ast, path), path), {
          ...ast.annotations,
          [AST.JSONIdentifierAnnotationId]: nameOf(behind(ast, path))
        })
      default:
        return ast
    }
  }

  const transformation = (ast: AST.Transformation, path: Path): AST.AST => {
    // The text of `parseJson` is described by what it holds
    if (ast.from.annotations[AST.SchemaIdAnnotationId] === AST.ParseJsonSchemaId) return ast
    if (ast.from._tag === "StringKeyword" && isInstant(ast.to)) {
      return AST.annotations(ast.from, {
        [AST.DescriptionAnnotationId]: ownDescription(ast) ?? instantText,
        [AST.JSONSchemaAnnotationId]: { format: "date-time" }
      })
    }
    return new AST.Transformation(of(ast.from, path), ast.to, ast.transformation, ast.annotations)
  }

  const nameOf = (target: AST.AST): string => {
    const known = names.get(target)
    if (known !== undefined) return known
    if (names.size >= mostNames) throw new Refusal([], "a recursion that never comes back to the same schema")
    const own = Option.getOrElse(AST.getJSONIdentifier(target), () => "Recursive").replace(/[^A-Za-z0-9_-]+/g, "_")
    const taken = new Set(names.values())
    const free = (count: number): string =>
      taken.has(count === 1 ? own : `${own}${count}`) ? free(count + 1) : count === 1 ? own : `${own}${count}`
    const name = free(1)
    names.set(target, name)
    return name
  }

  return of(ast, [])
}

const mostNames = 50

const behind = (ast: AST.Suspend, path: Path): AST.AST => {
  const target = ast.f()
  if (target === ast) throw new Refusal(path, "a schema that is nothing but itself")
  return target._tag === "Suspend" ? behind(target, path) : target
}

const instantText = "an ISO 8601 date and time"

const isInstant = (ast: AST.AST): boolean => {
  if (ast._tag === "Refinement") return isInstant(ast.from)
  return ast.annotations[AST.SchemaIdAnnotationId] === Schema.DateFromSelfSchemaId ||
    ast === Schema.DateTimeUtcFromSelf.ast
}

/** Whether effect takes the JSON Schema of this node from its annotation alone. */
const overridden = (ast: AST.AST): boolean => {
  const json = Option.getOrUndefined(AST.getJSONSchemaAnnotation(ast))
  if (json === undefined) return false
  if (ast._tag === "Declaration") return true
  if (ast.annotations[AST.SchemaIdAnnotationId] === Schema.IntSchemaId && Reflect.get(json, "type") === "integer") {
    return false
  }
  return ["type", "oneOf", "anyOf", "$ref"].some((keyword) => keyword in json)
}

const marked = (ast: AST.AST): AST.AST =>
  isBigint(ast)
    ? AST.annotations(ast, {
      [AST.JSONSchemaAnnotationId]: {
        ...Option.getOrUndefined(AST.getJSONSchemaAnnotation(ast)),
        [bigintMark]: true
      }
    })
    : ast

const isBigint = (ast: AST.AST): boolean =>
  ast._tag === "BigIntKeyword" || (ast._tag === "Refinement" && isBigint(ast.from))

const refinement = (ast: AST.Refinement, from: AST.AST): AST.AST => {
  const description = joined(shownDescription(from), ownDescription(ast))
  const spoken = description === undefined ? {} : { [AST.DescriptionAnnotationId]: description }
  // What refines the decoded side says nothing about the JSON but its words
  return Option.isNone(AST.getJSONSchemaAnnotation(ast)) || isTransformed(from)
    ? AST.annotations(from, spoken)
    : new AST.Refinement(from, ast.filter, { ...ast.annotations, ...spoken })
}

const isTransformed = (ast: AST.AST): boolean =>
  ast._tag === "Transformation" || (ast._tag === "Refinement" && isTransformed(ast.from))

const builtIn: ReadonlySet<unknown> = new Set([
  ...[AST.stringKeyword, AST.numberKeyword, AST.booleanKeyword].map((ast) =>
    ast.annotations[AST.DescriptionAnnotationId]
  ),
  "a valid Date"
])

const ownDescription = (ast: AST.AST): string | undefined => {
  const description = Option.getOrUndefined(AST.getDescriptionAnnotation(ast))
  return builtIn.has(description) ? undefined : description
}

const shownDescription = (ast: AST.AST): string | undefined =>
  ownDescription(ast) ?? (ast._tag === "Transformation" ? shownDescription(ast.from) : undefined)

const joined = (below: string | undefined, own: string | undefined): string | undefined =>
  below === undefined || own === undefined || below === own ? own ?? below : `${below}; ${own}`
