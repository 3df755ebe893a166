/**
 * All that the generated schemas are built of: the constructors of Effect that they use, enums and unions that stay open
 * to values that OpenRouter adds later, fields that may be absent or null, and the content of an uploaded file.
 *
 * Generated modules import nothing else, so that an edition for another Effect version replaces this module only.
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
   * Schema of an object, built at once; {@link lazyStruct} is built when it is first used.
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
 * A schema that is built when it is first looked at: a program uses few of the thousand that there are, so none makes
 * every import wait.
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
 * A `Schema.Struct` that is built when it is first looked at, as {@link lazy} does it.
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
 * A string enum that knows some values, suggests them in the editor, and accepts any other string.
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
 * A field of a struct, as {@link nullish} makes it.
 *
 * @since 0.1.0
 * @category models
 */
export type Nullish<A> = Schema.PropertySignature<"?:", A | null | undefined, never, "?:", A | null | undefined>

/**
 * A field that may be absent or null: what answers leave out at one time they send as null at another.
 *
 * @since 0.1.0
 * @category constructors
 */
export const nullish = <A>(schema: Schema.Schema<A>): Nullish<A> =>
  // Straight from the syntax tree: there are so many of these fields that three schemas for each slow the first use down
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

// A nominal tag type that no literal is assignable to: `switch` and `if` on the tag then narrow to the known members.
declare enum TagOfNewerApi {
  value = "unrecognized"
}

/**
 * A member of an open union that this version does not know, kept as it came. Its tag reads as a string.
 *
 * `Known` holds the tags of the other members. It changes no value: TypeScript compares the parts of an intersection in
 * order, so that the compile error of a wrong tag lists the known ones.
 *
 * @since 0.1.0
 * @category models
 */
export type Unrecognized<Tag extends string, Known = never> =
  & { readonly [K in Tag]: Known | TagOfNewerApi }
  & { readonly [K in Tag]: TagOfNewerApi }
  & { readonly [field: string]: unknown }

/**
 * The objects of an open union, told apart by the property `Tag`, and {@link Unrecognized} for tags of later.
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
 * A union of objects told apart by the literals of one property. A value whose tag no member knows is accepted as
 * {@link Unrecognized}; a value with a known tag must be valid for its member.
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
 * A member that this version does not know, to be sent where an open union is expected.
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
 * The content of a file to upload. A `File` keeps its own name and type; anything else can be given them: the ending of
 * the name may tell the server the format, and the type is `application/octet-stream` unless it is said. A `Stream` is
 * read while it is sent, once and with little of it in memory, so a request that has begun to read it is not retried.
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
