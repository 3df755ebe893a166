/**
 * Everything that the generated schemas import: the constructors of Effect that they use, enums and unions that accept
 * values that OpenRouter adds later, fields that may be absent or null, and the content of an uploaded file.
 *
 * Generated modules import only this module and each other, so that an edition for another Effect version replaces only
 * this module.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as AST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaParser from "effect/SchemaParser"
import * as SchemaTransformation from "effect/SchemaTransformation"
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
   * The type of a schema.
   *
   * @since 0.1.0
   * @category models
   */
  type Codec,
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
   * Schema of any value.
   *
   * @since 0.1.0
   * @category schemas
   */
  Unknown
} from "effect/Schema"

/**
 * Schema of one or more literals.
 *
 * @since 0.1.0
 * @category constructors
 */
export const Literal = <const Known extends ReadonlyArray<AST.LiteralValue>>(
  ...known: Known
): Schema.Codec<Known[number]> => {
  const [first, ...others] = known
  // A list of one literal is not what tells the members of a union apart
  return first === undefined || others.length > 0 ? Schema.Literals(known) : Schema.Literal<Known[number]>(first)
}

/**
 * Schema of a value that fits one of several schemas.
 *
 * @since 0.1.0
 * @category constructors
 */
export const Union = <const Members extends ReadonlyArray<Schema.Constraint>>(
  ...members: Members
): Schema.Union<Members> => Schema.Union(members)

/**
 * A schema that is built on first use. A program uses few of the more than one thousand schemas, and the others must
 * not slow its start down.
 *
 * @since 0.1.0
 * @category constructors
 */
export const lazy = <A, I, RD, RE>(build: () => Schema.Codec<A, I, RD, RE>): Schema.Codec<A, I, RD, RE> => {
  let ast: AST.AST | undefined
  return Object.defineProperty(Schema.make<Schema.Codec<A, I, RD, RE>>(Schema.Never.ast), "ast", {
    get: () => ast ??= build().ast
  })
}

/**
 * A `Schema.Struct` that is built on first use, as with {@link lazy}.
 *
 * @since 0.1.0
 * @category constructors
 */
export const lazyStruct = <const Fields extends Schema.Struct.Fields>(
  fields: () => Fields
): Schema.Codec<
  Schema.Struct.Type<Fields>,
  Schema.Struct.Encoded<Fields>,
  Schema.Struct.DecodingServices<Fields>,
  Schema.Struct.EncodingServices<Fields>
> => lazy(() => Schema.revealCodec(Schema.Struct(fields())))

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
): Schema.Codec<Known | (string & {})> => Schema.String.annotate({ examples: known })

/**
 * The field of a struct that {@link nullish} returns.
 *
 * @since 0.1.0
 * @category models
 */
export type Nullish<A> = Schema.optional<Schema.NullOr<Schema.Codec<A>>>

/**
 * A field that may be absent or null, because responses omit a field at one time and send it as null at another.
 *
 * @since 0.1.0
 * @category constructors
 */
export const nullish = <A>(schema: Schema.Codec<A>): Nullish<A> => Schema.optional(Schema.NullOr(schema))

/**
 * Schema of an object whose fields all have the same schema.
 *
 * @since 0.1.0
 * @category constructors
 */
export const Record = <A>(value: Schema.Codec<A>): Schema.Codec<{ readonly [key: string]: A }> =>
  Schema.Record(Schema.String, value)

/**
 * Schema of an object without known fields.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UnknownRecord: Schema.Codec<{ readonly [key: string]: unknown }> = Record(Schema.Unknown)

/**
 * Schema of an object with some known fields and any others.
 *
 * @since 0.1.0
 * @category constructors
 */
export const StructWithRest = <Fields extends Schema.Struct.Fields>(
  fields: Fields
): Schema.StructWithRest<
  Schema.Struct<Fields>,
  readonly [Schema.$Record<typeof Schema.String, typeof Schema.Unknown>]
> => Schema.StructWithRest(Schema.Struct(fields), [Schema.Record(Schema.String, Schema.Unknown)])

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
  ast: AST.Declaration,
  options: AST.ParseOptions
) => Effect.Effect<A, SchemaIssue.Issue>

const parser = <Tag extends string, A>(
  tag: Tag,
  members: ReadonlyArray<Schema.Codec<A>>
): Parser<A | Unrecognized<Tag>> => {
  const table = membersByTag(tag, members.map((member) => [member.ast, SchemaParser.decodeUnknownResult(member)]))
  return (input, ast, options) => {
    const wrongType = () => Effect.fail(new SchemaIssue.InvalidType(ast, input, options))
    if (!Predicate.isReadonlyObject(input)) return wrongType()
    const known = candidates(table, tag, input)
    if (known === undefined) return isUnrecognized(tag, input) ? Effect.succeed(input) : wrongType()
    const issues: Array<SchemaIssue.Issue> = []
    for (const decode of known) {
      const result = decode(input, options)
      if (result._tag === "Success") return Effect.succeed(result.success)
      issues.push(result.failure)
    }
    const [first, ...others] = issues
    if (first === undefined) {
      const expected = { expected: `a string that names the ${tag}` }
      const issue = new SchemaIssue.InvalidValue(expected, Reflect.get(input, tag), options)
      return Effect.fail(new SchemaIssue.Composite(ast, [new SchemaIssue.Pointer([tag], issue)], input, options))
    }
    return Effect.fail(others.length === 0 ? first : new SchemaIssue.Composite(ast, [first, ...others], input, options))
  }
}

const mayLackTag = (tag: string, members: ReadonlyArray<Schema.Top>): boolean =>
  membersByTag(tag, members.map(({ ast }) => [ast, ast])).untagged.length > 0

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
export const openUnion = <const Tag extends string, Members extends ReadonlyArray<Schema.Codec<unknown, unknown>>>(
  tag: Tag,
  ...members: Members
): Schema.Codec<Members[number]["Type"] | Unrecognized<Tag>> => lazy(() => declare(tag, members))

const declare = <Tag extends string, A>(
  tag: Tag,
  members: ReadonlyArray<Schema.Codec<A>>
): Schema.Codec<A | Unrecognized<Tag>> =>
  Schema.declareConstructor<A | Unrecognized<Tag>>()(members, (members) => parser(tag, members), {
    [OpenUnionId]: tag,
    expected: `an object with a known ${tag}`,
    jsonSchema: { type: "object", required: [tag], properties: { [tag]: { type: "string" } } },
    // From here Effect's own JSON Schema comes
    toCodecJson: () =>
      Schema.link<A | Unrecognized<Tag>>()(
        StructWithRest({ [tag]: mayLackTag(tag, members) ? Schema.optionalKey(Schema.String) : Schema.String }),
        SchemaTransformation.passthrough({ strict: false })
      ),
    toCodecArbitrary: ({ typeParameters }) =>
      // The members are what the union is made of; those of other tags are not made
      Schema.link<A | Unrecognized<Tag>>()(
        Schema.Union(typeParameters),
        SchemaTransformation.passthrough({ strict: false })
      )
  })

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
  Stream.isStream(input)

/**
 * Schema of {@link FileContent}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const FileContent: Schema.Codec<FileContent> = Schema.declare(
  (input): input is FileContent =>
    isBytes(input) || (
      Predicate.isReadonlyObject(input) &&
      (typeof input["content"] === "string" || isBytes(input["content"])) &&
      typeof input["fileName"] === "string" &&
      (input["contentType"] === undefined || typeof input["contentType"] === "string")
    ),
  { identifier: "FileContent" }
)
