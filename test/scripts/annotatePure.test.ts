import { assert, describe, it } from "@effect/vitest"
import { build } from "esbuild"
import { annotatePure } from "../../scripts/build/annotatePure.js"

/** What is left of a module when only `kept` is used, without the help of `sideEffects: false`. */
const bundled = async (code: string): Promise<string> => {
  const result = await build({
    stdin: { contents: `import { kept } from "module"\nconsole.log(kept)`, resolveDir: "." },
    bundle: true,
    write: false,
    format: "esm",
    logLevel: "silent",
    plugins: [{
      name: "module",
      setup: (esbuild) => {
        esbuild.onResolve({ filter: /^module$/ }, () => ({ path: "module", namespace: "test" }))
        esbuild.onResolve({ filter: /^lib$/ }, () => ({ path: "lib", external: true }))
        esbuild.onLoad({ filter: /^module$/, namespace: "test" }, () => ({ contents: code }))
      }
    }]
  })
  return result.outputFiles[0]?.text ?? ""
}

const module = [
  `import * as S from "lib"`,
  `export const kept = S.make("kept")`,
  `export const Struct = S.Struct({ a: S.optional(S.NullOr(S.String)), dropped: S.Array(S.Set(new Map())) })`,
  `export class Problem extends S.TaggedError()("dropped", { a: S.optional(S.String) }) {}`,
  `export const either = S.flag ? S.make("dropped") : [S.make("dropped")]`,
  `S.register("effect")`
].join("\n")

describe("annotatePure", () => {
  it("marks calls that make values as the module loads, and no other", () =>
    assert.strictEqual(
      annotatePure([
        `export const a = S.Struct({ b: S.optional(new C()) })`,
        `export const f = (x) => g(x), h = /*#__PURE__*/ i()`,
        `class D extends S.Tag("D")() { x = j() }`,
        `k(l())`
      ].join("\n")),
      [
        `export const a = /*#__PURE__*/ S.Struct({ b: /*#__PURE__*/ S.optional(/*#__PURE__*/ new C()) })`,
        `export const f = (x) => g(x), h = /*#__PURE__*/ i()`,
        `class D extends /*#__PURE__*/ S.Tag("D")() { x = j() }`,
        `k(l())`
      ].join("\n")
    ))

  it("lets a bundler drop what nobody uses, and only that", async () => {
    assert.include(await bundled(module), "dropped")
    const left = await bundled(annotatePure(module))
    assert.notInclude(left, "dropped")
    assert.include(left, `S.make("kept")`)
    assert.include(left, `S.register("effect")`)
  })
})
