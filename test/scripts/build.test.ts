import { assert, describe, it } from "@effect/vitest"
import { checkDeclarations } from "../../scripts/build/declarations.js"
import { formatTypeScript } from "../../scripts/build/format.js"
import { checkNames } from "../../scripts/build/names.js"
import { closingLine } from "../../scripts/build/testSummary.js"

describe("checkDeclarations", () => {
  it("accepts types that any Effect version has", () =>
    assert.deepStrictEqual(
      checkDeclarations([
        {
          path: "http/A.d.ts",
          text:
            `import * as Effect from "effect/Effect"\n/** any */\nexport declare const a: Effect.Effect<unknown>\n` +
            `export declare const b: import("../schema/B.js").B\n`
        },
        { path: "http/internal/a.d.ts", text: `import * as Chunk from "effect/Chunk"\n` },
        { path: "http/b.d.ts", text: `import * as Chunk from "effect/Chunk"\n` }
      ], ["http/A"]),
      []
    ))

  it("refuses the others, untyped places and paths of this repository", () =>
    assert.deepStrictEqual(
      checkDeclarations([
        {
          path: "http/A.d.ts",
          text:
            `import type { Chunk } from "effect/Chunk"\nexport declare const a: import("effect/Either").Either<1>\n` +
            `export declare const b: any\nexport * from "./B"\nexport * from "../../src/http/C.js"\n` +
            `export * from "./internal/d.js"\n`
        },
        { path: "http/internal/d.d.ts", text: `export declare const d: any\n` }
      ], ["http/A"]),
      [
        `dist/http/A.d.ts: a public type needs "effect/Chunk"; name the type differently or annotate the export`,
        `dist/http/A.d.ts: a public type needs "effect/Either"; name the type differently or annotate the export`,
        `dist/http/A.d.ts: "./B" does not exist for users`,
        `dist/http/A.d.ts: "../../src/http/C.js" does not exist for users`,
        `dist/http/A.d.ts:3: "any" in a public type`,
        `dist/http/internal/d.d.ts:1: "any" in a public type`
      ]
    ))
})

describe("checkNames", () => {
  const closed = {
    path: "http/row.d.ts",
    text: `export interface Row {}\n/** @internal */\nexport interface Mark {}\n`
  }
  const using = `import type { Mark, Row } from "./row.js"\nexport declare const list: Row & Mark\n`

  it("accepts names that have one address", () =>
    assert.deepStrictEqual(
      checkNames([closed, { path: "http/A.d.ts", text: `${using}export type { Row } from "./row.js"\n` }], ["http/A"]),
      []
    ))

  it("finds types that users cannot name, and names with two addresses", () => {
    assert.deepStrictEqual(checkNames([closed, { path: "http/A.d.ts", text: using }], ["http/A"]), [
      `http/A.list mentions "Row" of http/row, which users cannot import: export it from a public module`
    ])
    assert.deepStrictEqual(
      checkNames(
        [
          closed,
          { path: "http/A.d.ts", text: `export * from "./row.js"\n` },
          { path: "http/B.d.ts", text: `export { type Row } from "./row.js"\n` }
        ],
        ["http/A", "http/B"]
      ),
      ["http/A.Row and http/B.Row are the same: export it from one module"]
    )
  })
})

describe("formatTypeScript", () => {
  it("writes Effect's style", () =>
    assert.strictEqual(
      formatTypeScript("a.ts", `const f = function *(a) { yield* g(a => [a,'b',]); };`),
      `const f = function*(a) {\n  yield* g((a) => [a, "b"])\n}\n`
    ))

  it("refuses what is not TypeScript", () => assert.throws(() => formatTypeScript("a.ts", "const = 1")))
})

describe("closingLine", () => {
  const report = { success: true, numPassedTests: 12, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 }

  it("counts", () => {
    assert.strictEqual(closingLine(report), "12 passed, 0 failed")
    assert.strictEqual(
      closingLine({ ...report, numPendingTests: 2, numTodoTests: 1 }),
      "12 passed, 0 failed, 3 skipped"
    )
    assert.strictEqual(closingLine({ ...report, success: false, numFailedTests: 4 }), "12 passed, 4 failed")
  })

  it("counts a file that could not be loaded as a failure", () =>
    assert.strictEqual(closingLine({ ...report, success: false }), "12 passed, 1 failed"))
})
