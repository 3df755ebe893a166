/**
 * What a rename cannot express: calls whose arguments stand in another order or form. Each rule returns edits of the
 * text, and keeps every line where it is.
 */
import ts from "typescript"

/** Replaces the text from `start` to `end`. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

type Rule = (call: ts.CallExpression) => ReadonlyArray<Edit>

const replace = (node: ts.Node, text: string): Edit => ({ start: node.getStart(), end: node.getEnd(), text })

const insert = (at: number, text: string): Edit => ({ start: at, end: at, text })

const remove = (start: number, end: number): Edit => ({ start, end, text: "" })

const nameOf = (call: ts.CallExpression): ts.Node =>
  ts.isPropertyAccessExpression(call.expression) ? call.expression.name : call.expression

const field = (object: ts.Node | undefined, name: string): ts.PropertyAssignment | undefined =>
  object !== undefined && ts.isObjectLiteralExpression(object)
    ? object.properties.filter(ts.isPropertyAssignment).find((property) => property.name.getText() === name)
    : undefined

/** `f(a, b)` to `f([a, b])`, and `f(...list)` to `f(list)`. */
const inArray: Rule = ({ arguments: [first, ...others], arguments: all }) => {
  const last = all.at(-1)
  if (first === undefined || last === undefined) return []
  return ts.isSpreadElement(first) && others.length === 0
    ? [remove(first.getStart(), first.expression.getStart())]
    : [insert(first.getStart(), "["), insert(last.getEnd(), "]")]
}

/** Several literals get a constructor of their own. */
const literal: Rule = (call) => {
  const [first] = call.arguments
  if (call.arguments.length === 1 && first?.kind === ts.SyntaxKind.NullKeyword) {
    return [{ start: nameOf(call).getStart(), end: call.getEnd(), text: "Null" }]
  }
  const isNull = ({ kind }: ts.Expression): boolean => kind === ts.SyntaxKind.NullKeyword
  if (call.arguments.some(isNull)) {
    const schema = call.expression.getText().replace(/\w+$/, "")
    const members = call.arguments.map((one) => isNull(one) ? `${schema}Null` : `${schema}Literal(${one.getText()})`)
    return [replace(call, `${schema}Union([${members.join(", ")}])`)]
  }
  return call.arguments.length > 1 || (first !== undefined && ts.isSpreadElement(first))
    ? [replace(nameOf(call), "Literals"), ...inArray(call)]
    : []
}

/** `f({ key, value })` to `f(key, value)`. */
const keyAndValue: Rule = ({ arguments: [first] }) => {
  const [key, value] = [field(first, "key"), field(first, "value")]
  return first === undefined || key === undefined || value === undefined ? [] : [
    remove(first.getStart(), key.initializer.getStart()),
    { start: key.initializer.getEnd(), end: value.initializer.getStart(), text: ", " },
    remove(value.initializer.getEnd(), first.getEnd())
  ]
}

/** `Struct(fields, { key, value })` to `StructWithRest(Struct(fields), [Record(key, value)])`. */
const structWithRest: Rule = (call) => {
  const [fields, rest] = call.arguments
  const [key, value] = [field(rest, "key"), field(rest, "value")]
  if (fields === undefined || rest === undefined) return []
  const schema = call.expression.getText().replace(/\.?\w+$/, "")
  const of = (name: string): string => schema === "" ? name : `${schema}.${name}`
  if (key === undefined || value === undefined) {
    return [
      insert(call.getStart(), `${of("StructWithRest")}(`),
      { start: fields.getEnd(), end: rest.getStart(), text: "), [" },
      insert(rest.getEnd(), "]")
    ]
  }
  return [
    insert(call.getStart(), `${of("StructWithRest")}(`),
    { start: fields.getEnd(), end: key.initializer.getStart(), text: `), [${of("Record")}(` },
    { start: key.initializer.getEnd(), end: value.initializer.getStart(), text: ", " },
    { start: value.initializer.getEnd(), end: rest.getEnd(), text: ")]" }
  ]
}

/** A start value that is computed when it is needed: `f(items, start, g)` to `f(items, () => start, g)`. */
const lazyStart: Rule = ({ arguments: all }) => {
  const start = all.at(-2)
  if (start === undefined) return []
  return ts.isObjectLiteralExpression(start)
    ? [insert(start.getStart(), "() => ("), insert(start.getEnd(), ")")]
    : [insert(start.getStart(), "() => ")]
}

/** `Effect.gen(this, f)` to `Effect.gen({ self: this }, f)`. */
const self: Rule = ({ arguments: [first] }) =>
  first?.kind === ts.SyntaxKind.ThisKeyword ? [replace(first, "{ self: this }")] : []

/** `f()` to `f`: a constant of Effect 4. */
const constant: Rule = (call) => [remove(call.expression.getEnd(), call.getEnd())]

/** `onLeft`, `onRight` to `onFailure`, `onSuccess`. */
const branches: Rule = ({ arguments: all }) =>
  [["onLeft", "onFailure"], ["onRight", "onSuccess"]].flatMap(([from = "", to = ""]) => {
    const found = field(all.at(-1), from)
    return found === undefined ? [] : [replace(found.name, to)]
  })

/** `withSpan(name, { captureStackTrace, ... })` to `withSpan(name, { ... }, { captureStackTrace })`. */
const spanOptions: Rule = ({ arguments: all }) => {
  const options = all.at(-1)
  const trace = field(options, "captureStackTrace")
  if (options === undefined || trace === undefined) return []
  const end = options.getSourceFile().text.indexOf(",", trace.getEnd())
  const hasMore = end >= 0 && end < options.getEnd()
  return [
    remove(trace.getStart(), hasMore ? end + 1 : trace.getEnd()),
    insert(options.getEnd(), `, { ${trace.getText()} }`)
  ]
}

/** `Schema.minLength(n)` to `Schema.check(Schema.isMinLength(n))`: what refined a schema is a check of it. */
const check = (to: string): Rule => (call) => {
  const schema = ts.isPropertyAccessExpression(call.expression) ? `${call.expression.expression.getText()}.` : ""
  const args = call.arguments.map((argument) => argument.getText()).join(", ")
  return [replace(call, `${schema}check(${schema}${to.replaceAll("*", args)})`)]
}

/** `Tuple([a], b)`, a tuple with a rest, to `TupleWithRest(Tuple([a]), [b])`. */
const tuple: Rule = (call) => {
  const [first, ...rest] = call.arguments
  const last = rest.at(-1)
  const schema = ts.isPropertyAccessExpression(call.expression) ? `${call.expression.expression.getText()}.` : ""
  if (first === undefined || last === undefined || !ts.isArrayLiteralExpression(first)) return inArray(call)
  return [
    insert(call.getStart(), `${schema}TupleWithRest(`),
    { start: first.getEnd(), end: rest[0]?.getStart() ?? last.getStart(), text: "), [" },
    insert(last.getEnd(), "]")
  ]
}

/** `Schedule.intersect(a, b)` to the longer of both delays, while both go on. */
const longest: Rule = (call) => {
  const [first] = call.arguments
  if (first === undefined) return []
  return call.arguments.length > 1
    ? [replace(nameOf(call), "max"), ...inArray(call)]
    : [
      { start: call.getStart(), end: first.getStart(), text: "(self) => Schedule.max([self, " },
      { start: first.getEnd(), end: call.getEnd(), text: "])" }
    ]
}

/** `Schedule.tapInput((input: A) => effect)` to a schedule of these inputs with `tap`. */
const tapInput: Rule = (call) => {
  const [f] = call.arguments
  const input = f !== undefined && ts.isArrowFunction(f) ? f.parameters[0] : undefined
  return f === undefined || input?.type === undefined ? [] : [
    {
      start: call.getStart(),
      end: f.getStart(),
      text: `Schedule.setInputType<${input.type.getText()}>(), Schedule.tap(`
    },
    replace(input, `{ input: ${input.name.getText()} }`)
  ]
}

/** `onTimeout` of a timeout, which gives the failure, to `orElse`, which fails with it. */
const failing = (fail: string): Rule => ({ arguments: all }) => {
  const failure = field(all.at(-1), "onTimeout")
  return failure === undefined ? [] : [
    replace(failure.name, "orElse"),
    insert(failure.initializer.getStart(), `() => Effect.${fail}((`),
    insert(failure.initializer.getEnd(), ")())")
  ]
}

/** `Schema.make<A>(ast)` to a `Schema.Codec<A>`. */
const codec: Rule = ({ typeArguments: [type] = [] }) =>
  type === undefined ? [] : [insert(type.getStart(), "Schema.Codec<"), insert(type.getEnd(), ">")]

/** The mode in which `Effect.all` returns what became of each effect. */
const result: Rule = ({ arguments: all }) => {
  const mode = field(all.at(-1), "mode")
  return mode === undefined || mode.initializer.getText() !== `"either"` ? [] : [replace(mode.initializer, `"result"`)]
}

/** `catchTag("A", "B", handle)` to `catchTag(["A", "B"], handle)`. */
const tags: Rule = ({ arguments: all }) => {
  const names = all.filter(ts.isStringLiteral)
  const [first] = names
  const last = names.at(-1)
  return first === undefined || last === undefined || first === last
    ? []
    : [insert(first.getStart(), "["), insert(last.getEnd(), "]")]
}

/** `Tool.make(name, { parameters: { … } })` to a schema of these fields. */
const structOfParameters: Rule = ({ arguments: all }) => {
  const fields = field(all.at(-1), "parameters")?.initializer
  return fields === undefined || !ts.isObjectLiteralExpression(fields)
    ? []
    : [insert(fields.getStart(), "Schema.Struct("), insert(fields.getEnd(), ")")]
}

/** `store.forSchema(schema)` to `KeyValueStore.toSchemaStore(store, schema)`. */
const schemaStore: Rule = ({ expression }) =>
  ts.isPropertyAccessExpression(expression)
    ? [
      insert(expression.getStart(), "KeyValueStore.toSchemaStore("),
      { start: expression.expression.getEnd(), end: expression.getEnd() + 1, text: ", " }
    ]
    : []

/** Rules of calls of methods, by their names, which have to be rare. */
export const methodCalls: Readonly<Record<string, Rule>> = { forSchema: schemaStore }

/** Rules of calls, by the module and the member of Effect 3. */
export const calls: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  "@effect/ai/Tool": { make: structOfParameters },
  "effect/Effect": {
    all: result,
    catchTag: tags,
    gen: self,
    reduce: lazyStart,
    timeoutFail: failing("fail"),
    timeoutFailCause: failing("failCause"),
    withSpan: spanOptions,
    yieldNow: constant
  },
  "effect/Either": { match: branches },
  "effect/Schedule": { intersect: longest, tapInput },
  "effect/Schema": {
    make: codec,
    filter: check("makeFilter(*)"),
    itemsCount: check("isBetweenLength(*, *)"),
    minLength: check("isMinLength(*)"),
    positive: check("isGreaterThan(0)"),
    Literal: literal,
    Record: keyAndValue,
    Struct: structWithRest,
    TemplateLiteral: inArray,
    Tuple: tuple,
    Union: inArray
  },
  "effect/Stream": { runFold: lazyStart, scan: lazyStart }
}

/** `Schema.Schema<A, I, R>` to `Schema.Codec<A, I, R, unknown>`: such a schema decodes, whatever encoding needs. */
export const decoder = (node: ts.Node): ReadonlyArray<Edit> => {
  const last = ts.isTypeReferenceNode(node) && node.typeArguments?.length === 3 ? node.typeArguments[2] : undefined
  return last === undefined ? [] : [insert(last.getEnd(), ", unknown")]
}

/** `Schema.Schema.Context<A>` to what decoding and encoding need: Effect 4 tells them apart. */
export const services = (node: ts.Node): ReadonlyArray<Edit> => {
  if (!ts.isTypeReferenceNode(node) || !ts.isQualifiedName(node.typeName)) return []
  const { left: space, right } = node.typeName
  const of = node.typeArguments?.map((type) => type.getText()).join(", ")
  return ts.isQualifiedName(space) && space.right.text === "Schema" && right.text === "Context" && of !== undefined
    ? ["DecodingServices", "EncodingServices"].map((kind, index) => ({
      start: index === 0 ? node.getStart() : node.getEnd(),
      end: node.getEnd(),
      text: `${index === 0 ? "" : " | "}${space.left.getText()}.Codec.${kind}<${of}>`
    }))
    : []
}

/** `class A extends Context.Tag(key)<A, B>()` to `class A extends Context.Service<A, B>()(key)`. */
export const service = (node: ts.Node, isContext: (name: ts.Node) => boolean): ReadonlyArray<Edit> => {
  if (!ts.isCallExpression(node) || node.arguments.length > 0 || !ts.isCallExpression(node.expression)) return []
  const { arguments: [key], expression: tag } = node.expression
  const types = node.typeArguments?.map((type) => type.getText()).join(", ")
  return key !== undefined && types !== undefined && ts.isPropertyAccessExpression(tag) && tag.name.text === "Tag" &&
      isContext(tag.expression)
    ? [replace(node, `${tag.expression.getText()}.Service<${types}>()(${key.getText()})`)]
    : []
}
