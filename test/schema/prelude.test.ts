import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { guard, issues } from "../../src/schema/guard.js"
import {
  FileContent,
  lazy,
  lazyStruct,
  openEnum,
  openUnion,
  type Unrecognized,
  unrecognized
} from "../../src/schema/prelude.js"
import { arbitraryOf, jsonSchemaOf } from "../support/effect/schemas.js"

interface Circle {
  readonly type: "circle"
  readonly radius: number
}

interface Square {
  readonly type: "square"
  readonly side: number
}

type Shape = Circle | Square | Unrecognized<"type">

const Circle: Schema.Schema<Circle> = Schema.Struct({ type: Schema.Literal("circle"), radius: Schema.Number })
const Square: Schema.Schema<Square> = Schema.Struct({ type: Schema.Literal("square"), side: Schema.Number })
const Shape: Schema.Schema<Shape> = openUnion("type", Circle, Square)

const decode = <A>(schema: Schema.Schema<A>) => Schema.decodeUnknownEither(schema)

describe("lazy", () => {
  it("builds a schema once, when it is first used", () => {
    const built: Array<string> = []
    const Sides = lazy(() => {
      built.push("Sides")
      return Schema.Array(Schema.Number)
    })
    const Polygon = lazyStruct(() => {
      built.push("Polygon")
      return { type: Schema.Literal("polygon"), sides: Sides }
    })
    const Figure = openUnion("type", Polygon, Circle)
    const isFigure = guard(Figure)
    assert.deepStrictEqual(built, [])
    assert.isTrue(isFigure({ type: "polygon", sides: [3, 4, 5] }))
    assert.deepStrictEqual(issues(Figure, { type: "polygon", sides: ["3"] }).map(({ path }) => path), ["sides.0"])
    assert.deepStrictEqual(built, ["Polygon", "Sides"])
    assert.strictEqual(Polygon.ast, Polygon.ast)
  })

  it("behaves like the schema that it builds", () => {
    const eager = Schema.Struct({ type: Schema.Literal("square"), side: Schema.Number })
    const later = lazyStruct(() => ({ type: Schema.Literal("square"), side: Schema.Number }))
    expectTypeOf<Schema.Schema.Type<typeof later>>().toEqualTypeOf<Square>()
    assert.isTrue(Schema.isSchema(later))
    assert.strictEqual(String(later), String(eager))
    assert.deepStrictEqual(jsonSchemaOf(later), jsonSchemaOf(eager))
    const title = { title: "A square" }
    assert.deepStrictEqual(jsonSchemaOf(later.annotations(title)), jsonSchemaOf(eager.annotations(title)))
    assert.deepStrictEqual(jsonSchemaOf(later.pipe(Schema.NullOr)), jsonSchemaOf(Schema.NullOr(eager)))
  })
})

describe("openEnum", () => {
  it("accepts known and unknown strings", () => {
    const Size = openEnum("small", "large")
    expectTypeOf<Schema.Schema.Type<typeof Size>>().toEqualTypeOf<"small" | "large" | (string & {})>()
    assert.deepStrictEqual(decode(Size)("huge"), Either.right("huge"))
    assert.isTrue(Either.isLeft(decode(Size)(1)))
    assert.deepInclude(jsonSchemaOf(Size), { type: "string", examples: ["small", "large"] })
  })
})

describe("openUnion", () => {
  it("decodes the member of its tag", () => {
    assert.deepStrictEqual(decode(Shape)({ type: "circle", radius: 1 }), Either.right({ type: "circle", radius: 1 }))
    assert.deepStrictEqual(Schema.encodeSync(Shape)({ type: "square", side: 2 }), { type: "square", side: 2 })
  })

  it("keeps a member with an unknown tag unchanged", () => {
    const value: unknown = { type: "triangle", sides: [3, 4, 5] }
    assert.strictEqual(Schema.decodeUnknownSync(Shape)(value), value)
    assert.isTrue(guard(Shape)(value))
  })

  it("rejects a malformed member of a known tag, with the errors of that member only", () => {
    assert.deepStrictEqual(issues(Shape, { type: "circle", radius: "1" }), [
      { path: "radius", message: "Expected number, actual \"1\"" }
    ])
    assert.isFalse(guard(Shape)({ type: "circle", radius: "1" }))
  })

  it("rejects an object without a tag, with the path of the tag, and a value that is not an object", () => {
    assert.deepStrictEqual(issues(Shape, { radius: 1 }).map(({ path }) => path), ["type"])
    assert.deepStrictEqual(issues(Shape, { type: 5 }).map(({ path }) => path), ["type"])
    for (const value of [null, "circle", 1, [], undefined]) {
      assert.isFalse(guard(Shape)(value))
      assert.isTrue(Either.isLeft(decode(Shape)(value)))
    }
  })

  it("tries members of one tag in their order, and members without a tag for a value without one", () => {
    const Note = openUnion(
      "type",
      Schema.Struct({ type: Schema.optional(Schema.Literal("note")), text: Schema.String }),
      Schema.Struct({ type: Schema.Literal("note"), lines: Schema.Array(Schema.String) })
    )
    assert.isTrue(guard(Note)({ text: "a" }))
    assert.isTrue(guard(Note)({ type: "note", text: "a" }))
    assert.isTrue(guard(Note)({ type: "note", lines: ["a"] }))
    assert.isFalse(guard(Note)({ type: "note" }))
    assert.sameMembers(issues(Note, { type: "note" }).map(({ path }) => path), ["text", "lines"])
    assert.deepStrictEqual(issues(Note, {}).map(({ path }) => path), ["text"])
  })

  it("supports nested unions, lazy members and several values of a tag", () => {
    const Line = Schema.Struct({ type: Schema.Literal("line", "ray"), length: Schema.Number })
    const Any = openUnion("type", Shape, Schema.Union(Line), Schema.suspend(() => Square))
    assert.isTrue(guard(Any)({ type: "circle", radius: 1 }))
    assert.isFalse(guard(Any)({ type: "circle" }))
    assert.isTrue(guard(Any)({ type: "ray", length: 1 }))
    assert.isFalse(guard(Any)({ type: "line" }))
    assert.isTrue(guard(Any)({ type: "else" }))
  })

  it("supports Arbitrary and JSONSchema", () => {
    FastCheck.assert(FastCheck.property(arbitraryOf(Shape), (value) => guard(Shape)(value)))
    assert.deepInclude(jsonSchemaOf(Shape), { type: "object", required: ["type"] })
  })

  it("narrows its type by the tag", () => {
    const area = (shape: Shape): number => {
      switch (shape.type) {
        case "circle":
          expectTypeOf(shape).toEqualTypeOf<Circle>()
          return shape.radius ** 2 * 3
        case "square":
          return shape.side ** 2
        default: {
          const tag: string = shape.type
          expectTypeOf(shape).toEqualTypeOf<Unrecognized<"type">>()
          return tag.length
        }
      }
    }
    const shapes: ReadonlyArray<Shape> = [{ type: "circle", radius: 1 }, { type: "square", side: 2 }]
    assert.deepStrictEqual(shapes.map(area), [3, 4])
    const circles = shapes.filter((shape) => shape.type === "circle")
    expectTypeOf(circles).toEqualTypeOf<Array<Circle>>()
    expectTypeOf<Extract<Shape, { readonly type: "square" }>>().toEqualTypeOf<Square>()
    // @ts-expect-error a tag that no member knows has to be sent with `unrecognized`
    const wrong: Shape = { type: "triangle" }
    assert.strictEqual(area(wrong), "triangle".length)
    assert.strictEqual(area(unrecognized("type", { type: "triangle", sides: 3 })), "triangle".length)
  })
})

describe("unrecognized", () => {
  it("returns the member", () => {
    const member = { id: "tomorrow", enabled: true }
    assert.strictEqual<unknown>(unrecognized("id", member), member)
  })
})

describe("FileContent", () => {
  it("accepts bytes with or without a name", () => {
    const bytes = new Uint8Array([1])
    const is = guard(FileContent)
    const contents = [bytes, new Blob([bytes]), new File([bytes], "a.wav"), Stream.make(bytes)]
    const named = [...contents, "text"].map((content) => ({ content, fileName: "a.wav" }))
    for (const value of [...contents, ...named, { ...named[0], contentType: "audio/wav" }]) {
      assert.isTrue(is(value))
    }
    for (
      const value of ["text", null, {}, { content: bytes }, { content: 7, fileName: "a" }, {
        ...named[0],
        contentType: 7
      }]
    ) {
      assert.isFalse(is(value))
    }
  })
})
