/** Each rule of this folder finds a violation, and accepts correct code. */
import { assert, describe, it } from "@effect/vitest"
import { casts, documentation, everyTestRuns, length } from "./code.js"
import { cycles, direction, editionsOnly, packages, privateRooms, publicModules } from "./imports.js"
import { mirror, staleExceptions } from "./mirror.js"
import type { Source } from "./sources.js"

const file = (path: string, ...lines: ReadonlyArray<string>): Source => ({ path, text: lines.join("\n") + "\n" })

const doc = "/**\n * A thing.\n *\n * @since 0.1.0\n * @category models\n */"

describe("direction", () => {
  it("accepts imports from the folder itself and from lower floors", () =>
    assert.deepStrictEqual(
      direction([
        file("src/http/A.ts", `import { a } from "../schema/B.js"`, `import * as Effect from "effect/Effect"`),
        file("src/services/A.ts", `export * from "./endpoints/A.js"`, `import type { B } from "../stream/B.js"`),
        file("src/testing/server/A.ts", `import { a } from "../Script.js"`, `import { b } from "../../http/B.js"`),
        file("src/node/A.ts", `import { a } from "../services/A.js"`, `import { b } from "../http/B.js"`),
        file("src/index.ts", `export * as A from "./services/A.js"`)
      ]),
      []
    ))

  it("rejects imports from higher floors, also of types, re-exports and dynamic imports", () => {
    const found = direction([
      file("src/schema/A.ts", "", `import { a } from "../http/B.js"`),
      file("src/http/A.ts", `import type { a } from "../stream/B.js"`),
      file("src/stream/A.ts", `export { a } from "../services/B.js"`),
      file("src/services/endpoints/A.ts", `import { a } from "../B.js"`),
      file("src/testing/A.ts", `const a = () => import("../services/B.js")`),
      file("src/http/B.ts", `type A = import("../index.js").A`),
      file("src/http/C.ts", `import { a } from "../testing/A.js"`),
      file("src/services/B.ts", `import { a } from "../node/A.js"`),
      file("src/index.ts", `export * as A from "./node/A.js"`)
    ])
    assert.strictEqual(found.length, 9)
    assert.include(found[0], `src/schema/A.ts:2: "schema" may not import from "http"`)
  })

  it("rejects imports from outside src, and unknown folders", () => {
    assert.include(direction([file("src/http/A.ts", `import "../../scripts/a.js"`)])[0], "scripts/a.ts")
    assert.include(direction([file("src/misc/A.ts")])[0], `no rule says what "misc" may import`)
  })
})

describe("privateRooms", () => {
  it("accepts imports of its own internal folder, also from subfolders", () =>
    assert.deepStrictEqual(
      privateRooms([
        file("src/http/A.ts", `import { a } from "./internal/a.js"`),
        file("src/http/internal/a.ts", `import { b } from "./b.js"`),
        file("src/agent/internal/loop/a.ts", `import { b } from "../state/b.js"`),
        file("src/agent/internal/loop/b.ts", `import { json } from "../../../internal/json.js"`)
      ]),
      []
    ))

  it("rejects imports of another folder's internal, also of types", () =>
    assert.deepStrictEqual(
      privateRooms([file("src/stream/A.ts", `import type { a } from "../http/internal/a.js"`)]),
      [`src/stream/A.ts:1: "../http/internal/a.js" is private to src/http/; import a module of src/http/ instead`]
    ))
})

describe("publicModules", () => {
  it("accepts PascalCase for namespaces and camelCase for other modules", () =>
    assert.deepStrictEqual(
      publicModules([
        file("src/index.ts", `export * as A from "./http/A.js"`),
        file("src/extend.ts", `export * as B from "./stream/B.js"`),
        file("src/http/A.ts"),
        file("src/stream/B.ts"),
        file("src/http/row.ts"),
        file("src/schema/Chat.ts"),
        file("src/services/endpoints/Chat.ts")
      ]),
      []
    ))

  it("rejects a namespace without an entry, and an entry without a namespace", () => {
    const found = publicModules([
      file("src/index.ts", `export * as Row from "./http/row.js"`),
      file("src/http/Hidden.ts"),
      file("src/http/row.ts")
    ])
    assert.deepStrictEqual(found.map((line) => line.split(": ")[0]), ["src/http/Hidden.ts", "src/index.ts:1"])
  })
})

describe("packages", () => {
  it("accepts modules of the peers, and of Node in the folders that need Node", () =>
    assert.deepStrictEqual(
      packages([
        file(
          "src/http/A.ts",
          `import * as Effect from "effect/Effect"`,
          `import * as B from "@effect/platform/Headers"`
        ),
        file("src/node/A.ts", `import { createServer } from "node:http"`),
        file(
          "src/testing/server/A.ts",
          `import { createServer } from "node:http"`,
          `import * as N from "@effect/platform-node/NodeHttpServer"`
        )
      ]),
      []
    ))

  it("rejects all other packages", () => {
    const found = packages([
      file(
        "src/testing/A.ts",
        `import { Effect } from "effect"`,
        `import type { Headers } from "@effect/platform"`,
        `import { createServer } from "node:http"`,
        `import { readFile } from "fs"`,
        `import * as N from "@effect/platform-node/NodeHttpServer"`,
        `import { z } from "zod"`,
        `import { Chat } from "effect-openrouter"`,
        `import { a } from "./B"`
      )
    ])
    assert.deepStrictEqual(
      found.map((line) => line.split(": ")[0]),
      [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `src/testing/A.ts:${n}`)
    )
  })
})

describe("editionsOnly", () => {
  it("accepts in src/internal/effect and in schema/prelude whatever they need", () =>
    assert.deepStrictEqual(
      editionsOnly([
        file("src/internal/effect/a.ts", `import * as Channel from "effect/Channel"`, `Effect.reduce`),
        file("src/schema/prelude.ts", `import * as AST from "effect/SchemaAST"`),
        file("src/http/A.ts", `import * as Effect from "effect/Effect"`, `Effect.map(a, b)`, `other.reduce(a, b)`)
      ]),
      []
    ))

  it("finds modules and members that Effect 4 does not have, and packages in generated modules", () =>
    assert.deepStrictEqual(
      editionsOnly([
        file("src/http/A.ts", `import type * as Chunk from "effect/Chunk"`),
        file(
          "src/http/B.ts",
          `import * as E from "effect/Effect"`,
          `const a = E.reduce(b, c, d)`,
          `type F = E.Semaphore`
        ),
        file("src/agent/C.ts", `import { toPull as pull } from "effect/Stream"`),
        file("src/schema/D.ts", `import * as Schema from "effect/Schema"`, `import { Array } from "./prelude.js"`)
      ]),
      [
        `src/http/A.ts:1: "effect/Chunk" is for src/internal/effect alone`,
        `src/http/B.ts:2: reduce of "effect/Effect" is for src/internal/effect alone`,
        `src/http/B.ts:3: Semaphore of "effect/Effect" is for src/internal/effect alone`,
        `src/agent/C.ts:1: toPull of "effect/Stream" is for src/internal/effect alone`,
        `src/schema/D.ts:1: "effect/Schema" is for modules by hand alone`
      ]
    ))
})

describe("cycles", () => {
  it("finds a cycle through re-exports and lists its modules", () =>
    assert.deepStrictEqual(
      cycles([
        file("src/http/A.ts", `import { b } from "./B.js"`),
        file("src/http/B.ts", `export * from "./internal/c.js"`),
        file("src/http/internal/c.ts", `import { a } from "../A.js"`)
      ]),
      ["import cycle: src/http/A.ts -> src/http/B.ts -> src/http/internal/c.ts -> src/http/A.ts"]
    ))

  it("accepts a diamond, and cycles of lazy imports", () =>
    assert.deepStrictEqual(
      cycles([
        file("src/http/A.ts", `import { b } from "./B.js"`, `import { c } from "./C.js"`),
        file("src/http/B.ts", `import { d } from "./D.js"`),
        file("src/http/C.ts", `import { d } from "./D.js"`),
        file("src/http/D.ts", `const a = () => import("./A.js")`)
      ]),
      []
    ))

  it("finds a cycle of types", () =>
    assert.deepStrictEqual(
      cycles([
        file("src/http/A.ts", `import type { B } from "./B.js"`),
        file("src/http/B.ts", `import type { A } from "./A.js"`)
      ]),
      ["import cycle: src/http/A.ts -> src/http/B.ts -> src/http/A.ts"]
    ))
})

describe("length", () => {
  const lines = (count: number): ReadonlyArray<string> => Array.from({ length: count }, () => "x")

  it("allows 400 lines by hand and 600 generated", () =>
    assert.deepStrictEqual(
      length([
        file("src/http/A.ts", ...lines(400)),
        file("src/schema/A.ts", ...lines(600), "  /** A comment. */", "  /**", "   * A long one.", "   */"),
        file("src/services/endpoints/A.ts", ...lines(600))
      ]),
      []
    ))

  it("rejects one more line", () =>
    assert.strictEqual(
      length([
        file("src/http/A.ts", ...lines(401)),
        file("src/schema/A.ts", ...lines(601)),
        file("src/schema/guard.ts", ...lines(401)),
        file("src/services/A.ts", ...lines(401)),
        file("scripts/generate/main.ts", ...lines(401))
      ]).length,
      5
    ))
})

describe("casts", () => {
  it("accepts a reason beside the cast, above it or above its statement", () =>
    assert.deepStrictEqual(
      casts([
        file(
          "src/http/A.ts",
          "const a = x as A // x was checked above",
          "// the pipe loses the tag",
          "const b = pipe(",
          "  x",
          ") as unknown as B",
          "const c = pipe(",
          "  // the pipe loses the tag",
          "  x!",
          ")",
          `const d = ["a"] as const`,
          `import { e as f } from "./E.js"`,
          `import * as g from "./G.js"`
        )
      ]),
      []
    ))

  it("rejects a cast, assertion or silenced error without a reason", () =>
    assert.deepStrictEqual(
      casts([
        file(
          "src/http/A.ts",
          "const a = x as unknown as A",
          "",
          "const b = <B>x",
          "/** Documentation is not a reason. */",
          "export const c = x!",
          `const d = "https://a.b/c" as D`,
          "// @ts-expect-error because",
          "const e: number = x"
        )
      ]).map((line) => line.split(": ")[0]),
      [1, 1, 3, 5, 6, 7].map((n) => `src/http/A.ts:${n}`)
    ))
})

describe("documentation", () => {
  it("accepts documented exports, however they are written", () =>
    assert.deepStrictEqual(
      documentation([
        file(
          "src/http/A.ts",
          `${doc}\nexport interface A {}`,
          "export const A: A = {}",
          `${doc}\nexport const b = 1`,
          `${doc}\nexport function d(x: string): string`,
          "export function d(x: number): number",
          "export function d(x: unknown) { return x }",
          `${doc}\nconst delete_ = 1`,
          "export { delete_ as delete }",
          `export * from "./endpoints/A.js"`,
          `export { e } from "./E.js"`,
          "const own = 1"
        ),
        file("src/http/internal/a.ts", "/** @internal */", "export const a = 1")
      ]),
      []
    ))

  it("names what is missing", () =>
    assert.deepStrictEqual(
      documentation([
        file(
          "src/http/A.ts",
          "export const a = 1",
          "/** A. */",
          "export type B = 1",
          "/**",
          " * A.",
          " * @since 0.1.0",
          " */",
          "export class C {}",
          "/**",
          " * @since 0.1.0",
          " * @category models",
          " */",
          "export interface D {}",
          "const delete_ = 1",
          "export { delete_ as delete }"
        )
      ]),
      [
        `src/http/A.ts:1: "a" lacks a sentence in its doc comment`,
        `src/http/A.ts:3: "B" lacks @since in its doc comment`,
        `src/http/A.ts:8: "C" lacks @category in its doc comment`,
        `src/http/A.ts:13: "D" lacks a sentence in its doc comment`,
        `src/http/A.ts:14: "delete_" lacks a sentence in its doc comment`
      ]
    ))
})

describe("everyTestRuns", () => {
  it("finds tests that do not run", () =>
    assert.deepStrictEqual(
      everyTestRuns([
        file(
          "test/a.test.ts",
          `it.effect("a", () => a)`,
          `it.effect.skip("b", () => b)`,
          `describe.only("c", () => {})`,
          `it.skipIf(absent)("d", () => {})`,
          `it.todo("e")`,
          `queue.skip("f")`
        )
      ]),
      ["test/a.test.ts:2: it.effect.skip", "test/a.test.ts:3: describe.only", "test/a.test.ts:5: it.todo"]
    ))
})

describe("mirror", () => {
  const library = [
    file("src/http/Retry.ts"),
    file("src/http/internal/body.ts"),
    file("src/agent/Agent.ts"),
    file("src/agent/internal/conversation/lease.ts")
  ]

  it("accepts the name of a module, with what is shown of it, and folders that have one", () =>
    assert.deepStrictEqual(
      mirror(library, [
        file("test/http/Retry.test.ts"),
        file("test/http/Retry.timing.test.ts"),
        file("test/http/internal/body.test.ts"),
        file("test/http/support/anything.ts"),
        file("test/agent/conversation/locks.test.ts"),
        file("test/agent/scenarios/anything.test.ts"),
        file("test/faults/fetch.test.ts")
      ]),
      []
    ))

  it("rejects other names, other folders, and modules of another floor", () =>
    assert.deepStrictEqual(
      mirror(library, [
        file("test/http/again.test.ts"),
        file("test/http/retry.test.ts"),
        file("test/agent/Retry.test.ts"),
        file("test/misc/a.test.ts")
      ]).map((line) => line.split(": ")[0]),
      ["test/http/again.test.ts", "test/http/retry.test.ts", "test/agent/Retry.test.ts", "test/misc/a.test.ts"]
    ))

  it("accepts files on the list, and rejects files that need the list no more", () =>
    assert.deepStrictEqual(
      mirror(library, [file("test/http/again.test.ts"), file("test/http/Retry.test.ts")], [
        "test/http/again.test.ts",
        "test/http/Retry.test.ts"
      ]).map((line) => line.split(": ")[0]),
      ["test/http/Retry.test.ts"]
    ))

  it("finds exceptions whose file is gone", () =>
    assert.include(staleExceptions([]).join("\n"), "test/agent/scenarios/ is an exception"))
})
