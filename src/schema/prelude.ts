/**
 * Everything that the generated schemas import: the constructors of Effect that they use, enums and unions that accept
 * values that OpenRouter adds later, fields that may be absent or null, and the content of an uploaded file.
 *
 * Generated modules import only this module and each other, so that an edition for another Effect version replaces only
 * this module.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import * as Stream from "effect/Stream"
import { candidates, membersByTag, OpenUnionId } from "./internal/openUnion.js"

export {
  /**
   * Schema of an array.
   *
   * @since 0.1.0
   * @category constructors
   */
  Array,
  /**
   * Schema of a boolean.
   *
   * @since 0.1.0
   * @category schemas
   */
  Boolean,
  /**
   * Schema of one or more literals.
   *
   * @since 0.1.0
   * @category constructors
   */
  Literal,
  /**
   * Schema of null.
   *
   * @since 0.1.0
   * @category schemas
   */
  Null,
  /**
   * Schema of a value or null.
   *
   * @since 0.1.0
   * @category constructors
   */
  NullOr,
  /**
   * Schema of a number.
   *
   * @since 0.1.0
   * @category schemas
   */
  Number,
  /**
   * A field that may be absent or undefined.
   *
   * @since 0.1.0
   * @category constructors
   */
  optional,
  /**
   * The type of a schema.
   *
   * @since 0.1.0
   * @category models
   */
  type Schema,
  /**
   * Schema of a string.
   *
   * @since 0.1.0
   * @category schemas
   */
  String,
  /**
   * Schema of an object. It is built immediately; {@link lazyStruct} is built on first use.
   *
   * @since 0.1.0
   * @category constructors
   */
  Struct,
  /**
   * Schema of a value that fits one of several schemas.
   *
   * @since 0.1.0
   * @category constructors
   */
  Union,
  /**
   * Schema of any value.
   *
   * @since 0.1.0
   * @category schemas
   */
  Unknown
} from "effect/Schema"

/**
 * A schema that is built on first use. A program uses few of the more than one thousand schemas, and the others must
 * not slow its start down.
 *
 * @since 0.1.0
 * @category constructors
 */
export const lazy = <A, I, R>(build: () => Schema.Schema<A, I, R>): Schema.Schema<A, I, R> => {
  let ast: AST.AST | undefined
  const built = () => ast ??= build().ast
  return Object.defineProperties(Schema.make<A, I, R>(AST.neverKeyword), {
    ast: { get: built },
    toString: { value: () => String(built()) }
  })
}

/**
 * A `Schema.Struct` that is built on first use, as with {@link lazy}.
 *
 * @since 0.1.0
 * @category constructors
 */
export const lazyStruct = <Fields extends Schema.Struct.Fields>(
  fields: () => Fields
): Schema.Schema<
  Schema.Schema.Type<Schema.Struct<Fields>>,
  Schema.Schema.Encoded<Schema.Struct<Fields>>,
  Schema.Schema.Context<Schema.Struct<Fields>>
> => lazy(() => Schema.Struct(fields()))

/**
 * A string enum with known values, which editors suggest. It accepts any other string too.
 *
 * @example
 * ```ts
 * import { openEnum } from "effect-openrouter/schema/OpenUnion"
 *
 * const Size = openEnum("small", "large")
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const openEnum = <const Known extends string>(
  ...known: ReadonlyArray<Known>
): Schema.Schema<Known | (string & {})> =>
  Schema.make(AST.annotations(AST.stringKeyword, { [AST.ExamplesAnnotationId]: known }))

/**
 * The field of a struct that {@link nullish} returns.
 *
 * @since 0.1.0
 * @category models
 */
export type Nullish<A> = Schema.PropertySignature<"?:", A | null | undefined, never, "?:", A | null | undefined>

/**
 * A field that may be absent or null, because responses omit a field at one time and send it as null at another.
 *
 * @since 0.1.0
 * @category constructors
 */
export const nullish = <A>(schema: Schema.Schema<A>): Nullish<A> =>
  // Built as AST directly: there are so many of these fields that three schemas for each would slow the first use down
  Schema.makePropertySignature(
    new Schema.PropertySignatureDeclaration(
      AST.Union.make([schema.ast, AST.null, AST.undefinedKeyword]),
      true,
      true,
      {},
      undefined
    )
  )

/**
 * Schema of an object whose fields all have the same schema.
 *
 * @since 0.1.0
 * @category constructors
 */
export const Record = <A>(value: Schema.Schema<A>): Schema.Schema<{ readonly [key: string]: A }> =>
  Schema.Record({ key: Schema.String, value })

/**
 * Schema of an object without known fields.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UnknownRecord: Schema.Schema<{ readonly [key: string]: unknown }> = Record(Schema.Unknown)

/**
 * Schema of an object with some known fields and any others.
 *
 * @since 0.1.0
 * @category constructors
 */
export const StructWithRest = <Fields extends Schema.Struct.Fields>(
  fields: Fields
): Schema.TypeLiteral<
  Fields,
  readonly [{ readonly key: typeof Schema.String; readonly value: typeof Schema.Unknown }]
> => Schema.Struct(fields, { key: Schema.String, value: Schema.Unknown })

// A nominal type to which no literal is assignable, so that `switch` and `if` on the tag narrow to the known members.
declare enum TagOfNewerApi {
  value = "unrecognized"
}

/**
 * A member of an open union whose tag this version does not know. It is kept unchanged. Its tag can be used as a
 * string.
 *
 * `Known` is the type of the tags of the other members. It accepts no more values. It is for compile errors: TypeScript
 * compares the parts of an intersection in order, so that the error for a wrong tag lists the known tags.
 *
 * @since 0.1.0
 * @category models
 */
export type Unrecognized<Tag extends string, Known = never> =
  & { readonly [K in Tag]: Known | TagOfNewerApi }
  & { readonly [K in Tag]: TagOfNewerApi }
  & { readonly [field: string]: unknown }

/**
 * The members of an open union, which the property `Tag` distinguishes, and {@link Unrecognized} for unknown tags.
 *
 * @since 0.1.0
 * @category models
 */
export type OpenUnion<Tag extends string, Members extends { readonly [K in Tag]?: unknown }> =
  | Members
  | Unrecognized<Tag, Members[Tag]>

const isUnrecognized = <Tag extends string>(tag: Tag, input: object): input is Unrecognized<Tag> =>
  typeof Reflect.get(input, tag) === "string"

type Parser<A> = (
  input: unknown,
  options: AST.ParseOptions,
  ast: AST.Declaration
) => Either.Either<A, ParseResult.ParseIssue>

const parser = <Tag extends string, A>(
  tag: Tag,
  members: ReadonlyArray<Schema.Schema<A>>
): Parser<A | Unrecognized<Tag>> => {
  const table = membersByTag(tag, members.map((member) => [member.ast, ParseResult.decodeUnknownEither(member)]))
  return (input, options, ast) => {
    if (!Predicate.isRecord(input)) {
      return Either.left(new ParseResult.Type(ast, input))
    }
    const known = candidates(table, tag, input)
    if (known === undefined) {
      return isUnrecognized(tag, input) ? Either.right(input) : Either.left(new ParseResult.Type(ast, input))
    }
    const issues: Array<ParseResult.ParseIssue> = []
    for (const decode of known) {
      const result = decode(input, options)
      if (Either.isRight(result)) {
        return result
      }
      issues.push(result.left)
    }
    const [first, ...others] = issues
    if (first === undefined) {
      const issue = new ParseResult.Type(AST.stringKeyword, input[tag], `expected a string that names the ${tag}`)
      return Either.left(new ParseResult.Composite(ast, input, new ParseResult.Pointer(tag, input, issue)))
    }
    return Either.left(others.length === 0 ? first : new ParseResult.Composite(ast, input, [first, ...others]))
  }
}

/**
 * A union of objects that the literals of one property distinguish. A value with an unknown tag is accepted as
 * {@link Unrecognized}; a value with a known tag must be valid for the member of that tag.
 *
 * @example
 * ```ts
 * import * as Schema from "effect/Schema"
 * import { openUnion } from "effect-openrouter/schema/OpenUnion"
 *
 * const Shape = openUnion(
 *   "type",
 *   Schema.Struct({ type: Schema.Literal("circle"), radius: Schema.Number }),
 *   Schema.Struct({ type: Schema.Literal("square"), side: Schema.Number })
 * )
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const openUnion = <const Tag extends string, Members extends ReadonlyArray<Schema.Schema.AnyNoContext>>(
  tag: Tag,
  ...members: Members
): Schema.Schema<Schema.Schema.Type<Members[number]> | Unrecognized<Tag>> => lazy(() => declare(tag, members))

const declare = <Tag extends string, A>(
  tag: Tag,
  members: ReadonlyArray<Schema.Schema<A>>
): Schema.Schema<A | Unrecognized<Tag>> =>
  Schema.declare(
    members,
    {
      decode: (...members) => parser(tag, members),
      encode: (...members) => parser(tag, members)
    },
    {
      [OpenUnionId]: tag,
      description: `an object with a known ${tag}`,
      jsonSchema: { type: "object", required: [tag], properties: { [tag]: { type: "string" } } },
      arbitrary: (...members) => (fc) =>
        fc.oneof(...members.flatMap((member) => typeof member === "function" ? [member(fc)] : []))
    }
  )

/**
 * Makes a member with a tag that this version does not know, to send it in a place of an open union.
 *
 * @example
 * ```ts
 * import { unrecognized } from "effect-openrouter/schema/OpenUnion"
 *
 * const tool = unrecognized("type", { type: "computer_20260101", display_width_px: 1024 })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const unrecognized = <const Tag extends string>(
  tag: Tag,
  member: { readonly [K in Tag]: string } & { readonly [field: string]: unknown }
): Unrecognized<Tag> => {
  const value: object = member
  if (isUnrecognized(tag, value)) {
    return value
  }
  throw new TypeError(`expected a string that names the ${tag}`)
}

/**
 * The content of a file to upload. A `File` has a name and a type; for other content, set `fileName` and `contentType`.
 * A server may read the format from the extension of the name. The default type is `application/octet-stream`. A
 * `Stream` is read once, while it is sent, with little of it in memory. Therefore a request that started to read it is
 * not retried.
 *
 * @since 0.1.0
 * @category models
 */
export type FileContent =
  | Blob
  | Uint8Array
  | Stream.Stream<Uint8Array, unknown>
  | {
    readonly content: string | Blob | Uint8Array | Stream.Stream<Uint8Array, unknown>
    readonly fileName: string
    readonly contentType?: string | undefined
  }

const isBytes = (input: unknown): input is Blob | Uint8Array | Stream.Stream<Uint8Array, unknown> =>
  input instanceof Uint8Array ||
  (typeof Blob === "function" && input instanceof Blob) ||
  Predicate.hasProperty(input, Stream.StreamTypeId)

/**
 * Schema of {@link FileContent}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const FileContent: Schema.Schema<FileContent> = Schema.declare(
  (input): input is FileContent =>
    isBytes(input) || (
      Predicate.isRecord(input) &&
      (typeof input["content"] === "string" || isBytes(input["content"])) &&
      typeof input["fileName"] === "string" &&
      (input["contentType"] === undefined || typeof input["contentType"] === "string")
    ),
  { identifier: "FileContent" }
)
