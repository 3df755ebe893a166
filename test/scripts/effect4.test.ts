import { assert, describe, it } from "@effect/vitest"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { problemsIn } from "../../scripts/effect4/check.js"
import { codeFor4 } from "../../scripts/effect4/codemod.js"
import { manifestFor4 } from "../../scripts/effect4/manifest.js"
import { snippetsFor4 } from "../../scripts/effect4/snippets.js"

const root = fileURLToPath(new URL("../..", import.meta.url))

const carried = (...lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  codeFor4("src/a.ts", lines.join("\n")).split("\n")

describe("the codemod for Effect 4", () => {
  it("renames modules, their namespaces and their members", () =>
    assert.deepStrictEqual(
      carried(
        `import * as Effect from "effect/Effect"`,
        `import * as Either from "effect/Either"`,
        `import type { DurationInput } from "effect/Duration"`,
        `const f = (limit: DurationInput) => Effect.catchAll(Effect.fail(limit), Effect.succeed)`,
        `const g: Either.Either<number> = Either.right(1)`
      ),
      [
        `import * as Effect from "effect/Effect"`,
        `import * as Result from "effect/Result"`,
        `import type { Input } from "effect/Duration"`,
        `const f = (limit: Input) => Effect.catch(Effect.fail(limit), Effect.succeed)`,
        `const g: Result.Result<number> = Result.succeed(1)`
      ]
    ))

  it("keeps a name that the file uses for something else", () =>
    assert.deepStrictEqual(
      carried(`import type { DurationInput } from "effect/Duration"`, `type Input = DurationInput | "none"`),
      [`import type { Input as DurationInput } from "effect/Duration"`, `type Input = DurationInput | "none"`]
    ))

  it("makes a schema of the parameters of a tool of @effect/ai", () =>
    assert.deepStrictEqual(
      carried(
        `import { LanguageModel, Tool } from "@effect/ai"`,
        `import { Schema } from "effect"`,
        `const Add = Tool.make("add", { parameters: { a: Schema.Number } })`
      ),
      [
        `import { LanguageModel, Tool } from "effect/ai"`,
        `import { Schema } from "effect"`,
        `const Add = Tool.make("add", { parameters: Schema.Struct({ a: Schema.Number }) })`
      ]
    ))

  it("splits an import whose namespaces stand in several entries of Effect 4", () =>
    assert.deepStrictEqual(
      carried(`import { Effect, Fiber, TestClock } from "effect"`, `const wait = TestClock.adjust(1)`),
      [
        `import { Effect, Fiber } from "effect"; import { TestClock } from "effect/testing"`,
        `const wait = TestClock.adjust(1)`
      ]
    ))

  it("passes several tags as a list, and a store to the function that its method is", () =>
    assert.deepStrictEqual(
      carried(
        `import { Effect } from "effect"`,
        `const a = Effect.catchTag("A", "B", () => Effect.void)`,
        `const b = Effect.catchTag("A", () => Effect.void)`,
        `const c = (store) => store.forSchema(Login)`
      ),
      [
        `import { Effect } from "effect"`,
        `const a = Effect.catchTag(["A", "B"], () => Effect.void)`,
        `const b = Effect.catchTag("A", () => Effect.void)`,
        `const c = (store) => KeyValueStore.toSchemaStore(store, Login)`
      ]
    ))

  it("puts arguments into the form of Effect 4, however they are nested", () =>
    assert.deepStrictEqual(
      carried(
        `import * as Schema from "effect/Schema"`,
        `const a = Schema.Union(Schema.Literal("x", "y"), Schema.Record({ key: Schema.String, value: Schema.Literal(1) }))`,
        `const b = Schema.Tuple([Schema.String], Schema.Union(Schema.Number, Schema.Null))`,
        `const c = Schema.String.pipe(Schema.minLength(2))`
      ),
      [
        `import * as Schema from "effect/Schema"`,
        `const a = Schema.Union([Schema.Literals(["x", "y"]), Schema.Record(Schema.String, Schema.Literal(1))])`,
        `const b = Schema.TupleWithRest(Schema.Tuple([Schema.String]), [Schema.Union([Schema.Number, Schema.Null])])`,
        `const c = Schema.String.pipe(Schema.check(Schema.isMinLength(2)))`
      ]
    ))

  it("makes services of tags, and tells what decoding and encoding need", () =>
    assert.deepStrictEqual(
      carried(
        `import * as Context from "effect/Context"`,
        `import * as Schema from "effect/Schema"`,
        `class A extends Context.Tag("A")<A, number>() {}`,
        `type R<S extends Schema.Schema.All> = Schema.Schema.Context<S>`
      ),
      [
        `import * as Context from "effect/Context"`,
        `import * as Schema from "effect/Schema"`,
        `class A extends Context.Service<A, number>()("A") {}`,
        `type R<S extends Schema.Top> = Schema.Codec.DecodingServices<S> | Schema.Codec.EncodingServices<S>`
      ]
    ))

  it("keeps the number of each line", () => {
    const lines = [
      `import {`,
      `  FileSystem,`,
      `  HttpClient`,
      `} from "@effect/platform"`,
      `const a = HttpClient.get("/")`,
      `const b = FileSystem.layerNoop({})`
    ]
    assert.deepStrictEqual(carried(...lines), [
      `import { FileSystem } from "effect"; import { HttpClient } from "effect/http"`,
      ``,
      ``,
      ``,
      ...lines.slice(4)
    ])
  })

  it("carries programs of documents and of comments over, and leaves the text around them", () => {
    const text = (fail: string, margin = "") =>
      ["Text of Effect.catchAll", "```ts", `import { Effect } from "effect"`, "", `Effect.${fail}(a, b)`, "```"]
        .map((line) => margin + line).join("\n")
    assert.strictEqual(snippetsFor4("docs/a.md", text("catchAll")), text("catch"))
    assert.strictEqual(snippetsFor4("src/a.ts", text("catchAll", " * ")), text("catch", " * ").replace(" * \n", " *\n"))
  })
})

describe("the check of the Effect 4 edition", () => {
  it("says where an error stands in the sources, and what helps", () => {
    const printed = [
      "build/src/http/a.ts(12,3): error TS2339: Property 'x' does not exist.",
      "  It is long.",
      "build/src/internal/effect/b.ts(1,1): error TS2322: Type 'A' is not assignable."
    ].join("\n")
    const [missing, wrong, ...others] = problemsIn(printed, (path) => path.startsWith("src/internal/effect/"))
    assert.deepStrictEqual(others, [])
    assert.deepInclude(missing, {
      place: "src/http/a.ts:12",
      message: "TS2339 Property 'x' does not exist.\n  It is long."
    })
    assert.include(missing?.remedy, "scripts/effect4/table.ts")
    assert.strictEqual(wrong?.place, "effect4/src/internal/effect/b.ts:1")
  })

  it("names the place of a snippet in its document, and lets its names be unused", () => {
    const printed = [
      "build/snippets/docs/oauth.md.40.ts(3,1): error TS2339: Property 'x' does not exist.",
      "build/snippets/docs/oauth.md.40.ts(4,7): error TS6133: 'y' is declared but its value is never read."
    ]
    assert.deepStrictEqual(problemsIn(printed.join("\n"), () => false).map(({ place }) => place), ["docs/oauth.md:42"])
  })
})

describe("the manifest of the Effect 4 edition", () => {
  it("has a version of its own, and Effect as its only peer that is not optional", () => {
    const read = (path: string) => readFileSync(`${root}${path}`, "utf8")
    const manifest = JSON.parse(manifestFor4(read("package.json"), read("effect4/package.json")))
    assert.match(manifest.version, /^4\./)
    const optional = [
      "@effect/platform-node",
      "@modelcontextprotocol/client",
      "@modelcontextprotocol/server",
      "@tanstack/query-core"
    ]
    assert.sameMembers(Object.keys(manifest.peerDependencies), ["effect", ...optional])
    assert.deepStrictEqual(
      manifest.peerDependenciesMeta,
      Object.fromEntries(optional.map((name) => [name, { optional: true }]))
    )
    assert.strictEqual(manifest.exports["."], "./dist/for-effect-4/index.js")
  })
})

/** The names that a module exports. */
const exportsOf = (path: string): ReadonlyArray<string> =>
  [...readFileSync(path, "utf8").matchAll(/^export (?:declare )?(?:const|class|type|interface|function) (\w+)/gm)]
    .flatMap(([, name]) => name ?? []).sort()

describe("the files of effect4", () => {
  it("export what their twins do", () => {
    const pairs = ["src", "test"].flatMap((folder) =>
      readdirSync(`${root}effect4/${folder}`, { recursive: true, encoding: "utf8" })
        .map((file) => `${folder}/${file.replaceAll("\\", "/")}`)
    ).filter((path) => path.endsWith(".ts") && existsSync(`${root}${path}`))
    assert.isAbove(pairs.length, 20)
    for (const path of pairs) {
      const [own, twin] = [exportsOf(`${root}effect4/${path}`), exportsOf(`${root}${path}`)]
      assert.deepStrictEqual(twin.filter((name) => !own.includes(name)), [], path)
    }
  })
})
