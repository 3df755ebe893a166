/** A place that CONTRIBUTING.md lists exists, and one that was forgotten is found. */
import { assert, describe, it } from "@effect/vitest"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { errorClasses, paths, protocols } from "./recipes.js"
import { readSources, root, type Source } from "./sources.js"

const library = readSources("src")
const tests = readSources("test")

const file = (path: string, text = ""): Source => ({ path, text })

describe("the recipes", () => {
  for (
    const page of [
      "CONTRIBUTING.md",
      "ARCHITECTURE.md",
      "SECURITY.md",
      ".github/pull_request_template.md",
      ".changeset/README.md"
    ]
  ) {
    it(`${page} names paths that exist`, () =>
      assert.deepStrictEqual(
        paths(page, readFileSync(join(root, page), "utf8"), (path) => existsSync(join(root, path))),
        []
      ))
  }

  it("each protocol is tested and fuzzed", () => assert.deepStrictEqual(protocols(library, tests), []))

  it("each error class is in the union and has an example", () =>
    assert.deepStrictEqual(errorClasses(library, tests), []))
})

describe("the rules of the recipes", () => {
  it("find a path that does not exist", () =>
    assert.deepStrictEqual(paths("A.md", "See `src/a.ts`, `src/b.ts` and `npm test`.", (path) => path === "src/a.ts"), [
      `A.md: "src/b.ts" does not exist`
    ]))

  it("find a protocol without a test, and one that is not fuzzed", () => {
    const found = protocols([file("src/response/thingProtocol.ts"), file("src/response/protocol.ts")], [])
    assert.lengthOf(found, 2)
    assert.include(found[0], "has no test")
    assert.include(found[1], "not fuzzed")
  })

  it("find an error class outside the union, and one without an example", () => {
    const found = errorClasses(
      [
        file("src/http/internal/transportErrors.ts", "export class NewError extends A {}\n"),
        file("src/http/OpenRouterError.ts", `import { NewError } from "./internal/transportErrors.js"\n`)
      ],
      []
    )
    assert.lengthOf(found, 2)
    assert.include(found[0], "NewError is not part of OpenRouterError")
    assert.include(found[1], "NewError has no example")
  })
})
