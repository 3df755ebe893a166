/** Effect schemas of every shape that has a JSON form, each with values of its encoded side. */
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { asOption, exact, nullIsAbsent, orUndefined, withDefault } from "../../support/effect/schemas.js"

export type AnySchema = Schema.Schema<unknown, unknown>

type Json = FastCheck.Arbitrary<unknown>

export interface Sample {
  readonly schema: AnySchema
  readonly json: Json
}

export interface Tree {
  readonly value: string
  readonly children: ReadonlyArray<Tree>
  readonly next?: Tree | undefined
}

/** Recursive, twice: in a list and in an optional field. */
export const Tree: Schema.Schema<Tree> = Schema.Struct({
  value: Schema.String,
  children: Schema.Array(Schema.suspend(() => Tree)),
  next: Schema.optional(Schema.suspend(() => Tree))
})

const treeJson: Json = FastCheck.constantFrom(
  { value: "", children: [] },
  { value: "a", children: [{ value: "b", children: [] }], next: { value: "c", children: [] } }
)

export class Point extends Schema.Class<Point>("Point")({
  x: Schema.Finite,
  y: withDefault(Schema.Finite, () => 0)
}) {}

/** A schema whose types do not matter. */
export const anySchema = <A, I>(schema: Schema.Schema<A, I>): AnySchema => Schema.make(schema.ast)

const sample = <A, I>(schema: Schema.Schema<A, I>, json: Json): Sample => ({ schema: anySchema(schema), json })

const finite = FastCheck.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n === 0 ? 0 : n)
const instant = FastCheck.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })

const leaves: ReadonlyArray<Sample> = [
  sample(Schema.String, FastCheck.string()),
  sample(Schema.Finite, finite),
  sample(Schema.Int, FastCheck.integer()),
  sample(Schema.Boolean, FastCheck.boolean()),
  sample(Schema.Null, FastCheck.constant(null)),
  sample(Schema.Literal("a", "b"), FastCheck.constantFrom("a", "b")),
  sample(Schema.Literal(1, "one", null, true), FastCheck.constantFrom(1, "one", null, true)),
  sample(Schema.NullOr(Schema.Int), FastCheck.option(FastCheck.integer())),
  sample(Schema.Date, instant.map((date) => date.toISOString())),
  sample(Schema.Struct({}), FastCheck.constant({})),
  sample(Point, FastCheck.record({ x: finite, y: finite }, { requiredKeys: ["x"] })),
  sample(Tree, treeJson)
]

type Kind = "required" | "optional" | "exact" | "nullable" | "orNull" | "option" | "orUndefined"

const field = (kind: Kind, schema: AnySchema) => {
  switch (kind) {
    case "required":
      return schema
    case "optional":
      return Schema.optional(schema)
    case "exact":
      return exact(schema)
    case "nullable":
      return nullIsAbsent(schema)
    case "orNull":
      return Schema.optional(Schema.NullOr(schema))
    case "option":
      return asOption(schema)
    case "orUndefined":
      return orUndefined(schema)
  }
}

const acceptsNull: ReadonlyArray<Kind> = ["nullable", "orNull"]

type NamedField = readonly [name: string, kind: Kind, of: Sample]

const struct = (fields: ReadonlyArray<NamedField>): Sample =>
  sample(
    Schema.Struct(Object.fromEntries(fields.map(([name, kind, { schema }]) => [name, field(kind, schema)]))),
    FastCheck.record(
      Object.fromEntries(
        fields.map(([name, kind, { json }]) => [name, acceptsNull.includes(kind) ? FastCheck.option(json) : json])
      ),
      { requiredKeys: fields.filter(([, kind]) => kind === "required").map(([name]) => name) }
    )
  )

const name = FastCheck.constantFrom("a", "b c", "0", "key", "value", "rest", "type", "é", "kind")
/** Without `value`, as a record of that key alone looks like a wrapped one. */
const key = FastCheck.constantFrom("", "a", "b c", "0", "key", "rest")
const kind = FastCheck.constantFrom<Kind>(
  "required",
  "optional",
  "exact",
  "nullable",
  "orNull",
  "option",
  "orUndefined"
)
const few = { maxLength: 3 }

const list = ({ json, schema }: Sample) => sample(Schema.Array(schema), FastCheck.array(json, few))

const listOfSome = ({ json, schema }: Sample) =>
  sample(Schema.NonEmptyArray(schema), FastCheck.array(json, { ...few, minLength: 1 }))

const record = ({ json, schema }: Sample) =>
  sample(Schema.Record({ key: Schema.String, value: schema }), FastCheck.dictionary(key, json, { maxKeys: 3 }))

const pair = ([a, b]: readonly [Sample, Sample]) =>
  sample(Schema.Tuple(a.schema, b.schema), FastCheck.tuple(a.json, b.json))

const oneOrTwo = ([a, b]: readonly [Sample, Sample]) =>
  sample(
    Schema.Tuple(a.schema, Schema.optionalElement(b.schema)),
    FastCheck.oneof(FastCheck.tuple(a.json), FastCheck.tuple(a.json, b.json))
  )

const oneAndMore = ([a, b]: readonly [Sample, Sample]) =>
  sample(
    Schema.Tuple([a.schema], b.schema),
    FastCheck.tuple(a.json, FastCheck.array(b.json, few)).map(([first, rest]) => [first, ...rest])
  )

/** A union tells its members apart by `kind`, as two that look alike cannot be told apart by anyone. */
const either = ([a, b]: readonly [Sample, Sample]) =>
  sample(
    Schema.Union(
      Schema.Struct({ kind: Schema.Literal("left"), of: a.schema }),
      Schema.Struct({ kind: Schema.Literal("right"), of: Schema.optional(b.schema) })
    ),
    FastCheck.oneof(
      FastCheck.record({ kind: FastCheck.constant("left"), of: a.json }),
      FastCheck.record({ kind: FastCheck.constant("right"), of: b.json }, { requiredKeys: ["kind"] })
    )
  )

const atDepth = (depth: number): FastCheck.Arbitrary<Sample> => {
  const leaf = FastCheck.constantFrom(...leaves)
  if (depth === 0) return leaf
  const inner = atDepth(depth - 1)
  const two = FastCheck.tuple(inner, inner)
  return FastCheck.oneof(
    leaf,
    inner.map(list),
    inner.map(listOfSome),
    inner.map(record),
    two.map(pair),
    two.map(oneOrTwo),
    two.map(oneAndMore),
    two.map(either),
    {
      weight: 3,
      arbitrary: FastCheck.uniqueArray(FastCheck.tuple(name, kind, inner), {
        maxLength: 4,
        selector: ([name]) => name
      }).map(struct)
    }
  )
}

export const samples: FastCheck.Arbitrary<Sample> = atDepth(3)
