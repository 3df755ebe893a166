import { assert, describe, it } from "@effect/vitest"
import { fileURLToPath } from "node:url"
import { checkSnippets } from "../../scripts/docs/check.js"
import { checkLinks } from "../../scripts/docs/links.js"
import { examplesWithoutCode, ofMarkdown, ofSource } from "../../scripts/docs/snippets.js"
import { checkMentions, checkRows, eventsOf, fieldsOf } from "../../scripts/docs/tables.js"

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "")

const markdown = [
  "# Title",
  "```sh",
  "npm ci",
  "```",
  "",
  "```ts",
  "const a: number = 1",
  "```",
  "- in a list",
  "  ```typescript",
  "  const b = {",
  "    c: 1",
  "  }",
  "  ```",
  "````md",
  "```ts",
  "not code",
  "```",
  "````"
].join("\n")

const source = [
  "/**",
  " * A thing.",
  " *",
  " * @example",
  " * ```ts",
  " * const a = 1",
  " *",
  " * /* b *\\/",
  " * ```",
  " *",
  " * @since 0.1.0",
  " */",
  "export const a = 1"
].join("\n")

describe("snippets", () => {
  it("takes the TypeScript of a Markdown file and leaves the rest", () =>
    assert.deepStrictEqual(ofMarkdown("README.md", markdown), [
      { path: "README.md", line: 7, code: "const a: number = 1\n" },
      { path: "README.md", line: 11, code: "const b = {\n  c: 1\n}\n" }
    ]))

  it("takes the examples of doc comments", () =>
    assert.deepStrictEqual(ofSource("src/A.ts", source), [
      { path: "src/A.ts", line: 6, code: "const a = 1\n\n/* b */\n" }
    ]))

  it("asks for code that can be checked", () => {
    assert.deepStrictEqual(examplesWithoutCode("src/A.ts", source), [])
    assert.deepStrictEqual(examplesWithoutCode("src/A.ts", "/**\n * A.\n *\n * @example\n * a(1)\n */"), [
      "src/A.ts:4: @example must be followed by a ```ts fence"
    ])
  })
})

describe("checkSnippets", () => {
  it("passes what compiles, and names the line of what does not", () => {
    const good = `import * as Duration from "effect/Duration"\nconst unused: Duration.Duration = Duration.seconds(1)\n`
    const bad = `import { BadRequestResponseError } from "effect-openrouter/http/OpenRouterError"\n` +
      `import * as Duration from "effect/Duration"\n\n` +
      `export const a: string = Duration.toMillis(Duration.seconds(1))\n` +
      `export const status: 401 = new BadRequestResponseError({ status: 400, message: "no" }).status\n`
    const found = checkSnippets(root, [
      { path: "README.md", line: 10, code: good },
      { path: "docs/a.md", line: 20, code: bad },
      { path: "src/A.ts", line: 30, code: `export * from "effect-openrouter/http/Nowhere"\n` },
      { path: "src/A.ts", line: 40, code: "const =\n" }
    ])
    assert.deepStrictEqual(found.map((line) => line.split(": ").slice(0, 2).join(": ")), [
      "docs/a.md:23: TS2322",
      "docs/a.md:24: TS2322",
      "src/A.ts:30: TS2307",
      "src/A.ts:40: TS1134"
    ])
  })
})

describe("checkLinks", () => {
  const pages = [
    {
      path: "README.md",
      text: "# A `b` [c](d), e!\n[one](docs/a.md#twice-1) [two](#a-b-c-e) [three](https://a.test/x)\n"
    },
    { path: "docs/a.md", text: "# Twice\n# Twice\n```ts\n# no heading\na[0](b)\n```\n[up](../README.md) `[x](y)`\n" }
  ]
  const exists = (path: string): boolean => ["README.md", "docs/a.md", "d"].includes(path)

  it("accepts links to files and headings that exist", () => assert.deepStrictEqual(checkLinks(pages, exists), []))

  it("finds the others, with their lines", () =>
    assert.deepStrictEqual(
      checkLinks([...pages, { path: "docs/b.md", text: "\n[a](a.md#no-heading) [b](c.md)" }], exists),
      ["docs/b.md:2: docs/a.md has no heading #no-heading", "docs/b.md:2: there is no docs/c.md"]
    ))
})

describe("tables", () => {
  const code = `export interface Options extends Params { readonly one?: 1; readonly two: 2 }
    interface End { readonly type: "run.end" }
    interface Other { readonly type: "run.end" }
    interface Delta { readonly type: "delta" }`

  it("reads the options and the events of a module", () => {
    assert.deepStrictEqual(fieldsOf(code, "Options"), ["one", "two"])
    assert.deepStrictEqual(eventsOf(code), ["run.end"])
  })

  it("finds what has no row", () =>
    assert.deepStrictEqual(
      checkRows({ path: "docs/a.md", text: "`two`\n| `one`, `three` | `two` |\n" }, "option", ["one", "two"]),
      ["docs/a.md: the option `two` has no row in a table"]
    ))

  it("finds namespaces that no page mentions", () =>
    assert.deepStrictEqual(
      checkMentions([{ path: "a.md", text: "`Chat` and Models.list, not the Files of ./Vault.ts" }], [
        "Chat",
        "Models",
        "Files",
        "Vault"
      ]),
      ["Files", "Vault"].map((name) => `the documentation never mentions ${name}: show what it is for`)
    ))
})
