import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import ts from "typescript"
import { mergePrivate } from "../../scripts/build/merge.js"

const modules: Readonly<Record<string, string>> = {
  "a/One": `import { own } from "./internal/own.js"\nimport { shared } from "./internal/shared.js"\n` +
    `export const one = () => [own(), shared]\n`,
  "a/Types": `export interface Types {}\n`,
  "a/internal/own": `export const own = () => { throw new Error("own") }\n`,
  "a/internal/shared": `export const shared = { count: 0 }\nexport const unused = 1\n`,
  "b/Two": `import { shared } from "../a/internal/shared.js"\nexport { one } from "../a/One.js"\n` +
    `export const two = () => shared\n`,
  "b/Three": `import * as shared from "../a/internal/shared.js"\nexport const three = () => shared.shared\n`
}

let folder = ""

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "merge-"))
  for (const [name, source] of Object.entries(modules)) {
    const { outputText, sourceMapText } = ts.transpileModule(source, {
      fileName: `${name}.ts`,
      compilerOptions: { module: ts.ModuleKind.ES2022, target: ts.ScriptTarget.ES2022, sourceMap: true }
    })
    mkdirSync(join(folder, dirname(name)), { recursive: true })
    writeFileSync(join(folder, `${name}.ts`), source)
    writeFileSync(join(folder, `${name}.js`), outputText)
    writeFileSync(join(folder, `${name}.js.map`), sourceMapText ?? "")
  }
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`)
  const left = await mergePrivate(
    folder,
    join(folder, "cjs"),
    Object.keys(modules).map((name) => `${name}.js`),
    Object.keys(modules).filter((name) => !name.includes("internal")),
    "node:path"
  )
  assert.strictEqual(left, 5)
})

afterAll(() => rmSync(folder, { recursive: true }))

const built = () =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".js") && !path.startsWith("cjs")).sort()

const load = (path: string): Promise<Readonly<Record<string, () => unknown>>> =>
  import(pathToFileURL(join(folder, path)).href)

describe("mergePrivate", () => {
  it("leaves the public modules and what several of them share", () =>
    assert.deepStrictEqual(built(), ["a/One.js", "a/Types.js", "b/Three.js", "b/Two.js", "internal/shared.js"]))

  it("keeps one of each value, and no export beyond those of the public modules", async () => {
    const [one, two, three] = await Promise.all(["a/One.js", "b/Two.js", "b/Three.js"].map(load))
    assert.deepStrictEqual(Object.keys(one ?? {}), ["one"])
    assert.deepStrictEqual(Object.keys(two ?? {}), ["one", "two"])
    assert.deepStrictEqual(Object.keys(three ?? {}), ["three"])
    assert.strictEqual(two?.["one"], one?.["one"])
    assert.strictEqual(two?.["two"]?.(), three?.["three"]?.())
    assert.throws(() => one?.["one"]?.(), "own")
  })

  it("drops what is not used, and imports nothing for the sake of loading it", () => {
    const text = built().map((path) => readFileSync(join(folder, path), "utf8")).join("\n")
    assert.notInclude(text, "unused")
    assert.notMatch(text, /^import '/m)
  })

  it("writes the same modules as CommonJS", () => {
    writeFileSync(join(folder, "cjs/package.json"), `{ "type": "commonjs" }`)
    const require = createRequire(join(folder, "cjs/"))
    const one: object = require("./a/One.js")
    const two: Readonly<Record<string, () => unknown>> = require("./b/Two.js")
    assert.deepStrictEqual(Object.keys(one), ["one"])
    assert.strictEqual(two["one"], Reflect.get(one, "one"))
    assert.strictEqual(two["two"]?.(), require("./b/Three.js").three())
    assert.strictEqual(Reflect.get(one, "__esModule"), true)
    assert.notMatch(readFileSync(join(folder, "cjs/b/Two.js"), "utf8"), /^require\(/m)
  })

  it("imports first what tells the user that something is missing", () => {
    const openModules = built().filter((path) => !path.startsWith("internal/"))
    for (const path of openModules) {
      assert.match(readFileSync(join(folder, path), "utf8"), /^import {} from "node:path"; /, path)
      assert.match(readFileSync(join(folder, "cjs", path), "utf8"), /^'use strict'; require\("node:path"\); /, path)
    }
    assert.notInclude(readFileSync(join(folder, "internal/shared.js"), "utf8"), "node:path")
  })

  it("has maps that lead to where the code came from", () => {
    assert.isFalse(existsSync(join(folder, "a/internal/own.js.map")))
    const map: { readonly sources: ReadonlyArray<string> } = JSON.parse(
      readFileSync(join(folder, "a/One.js.map"), "utf8")
    )
    assert.deepStrictEqual(map.sources, ["internal/own.ts", "One.ts"])
  })
})
