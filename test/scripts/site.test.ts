import { assert, describe, it } from "@effect/vitest"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { checkHtml } from "../../scripts/site/checkHtml.js"
import { commentAt, fieldsOf } from "../../scripts/site/declarations.js"
import { groupProblems, groupsOfMap } from "../../scripts/site/guides.js"
import { typeCode } from "../../scripts/site/html.js"
import { placeOf, relocate } from "../../scripts/site/places.js"

const modules = new Set(["http/Retry", "http/OpenRouterClient", "schema/Chat", "schema/ChatRequest"])

const checked = (base: string, files: Readonly<Record<string, string>>): ReadonlyArray<string> => {
  const folder = mkdtempSync(join(tmpdir(), "site-"))
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    return checkHtml(folder, base).problems
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe("links of the site", () => {
  it("lead to pages, to files, and to places in pages", () =>
    assert.deepStrictEqual(
      checked("/docs/", {
        "index.html": `<a href="/docs/guide/a.html#b">A</a> <a class="x" href="./guide/">G</a> <img src="/docs/a.svg">`,
        "guide/index.html": `<a href="../">Home</a> <a href="#here">Here</a> <h2 id="here">Here</h2>`,
        "guide/a.html": `<h2 id="b" tabindex="-1">B</h2> <a href="https://effect.website">Effect</a> <a href="a">A</a>`,
        "a.svg": ""
      }),
      []
    ))

  it("are named if they lead nowhere", () =>
    assert.deepStrictEqual(
      checked("/docs/", {
        "index.html":
          `<a href="/docs/gone.html">A</a> <a href="/index.html">B</a> <a href="#gone">C</a> <img src="a.svg">`,
        "a/b.html": `<a href="../index.html#gone">D</a> <a href="https://">E</a>`
      }),
      [
        "a/b.html: index.html has no place #gone",
        "a/b.html: https:// is no address",
        "index.html: there is no /docs/gone.html",
        "index.html: there is no /index.html",
        "index.html: index.html has no place #gone",
        "index.html: there is no a.svg"
      ]
    ))
})

describe("a file of the repository on the site", () => {
  it("has one place", () => {
    const places = {
      "docs/agent.md": "guide/agent.md",
      "CHANGELOG.md": "project/changelog.md",
      "examples/demo.ts": "examples/demo.md",
      "examples/chat": "examples/chat.md",
      "examples/chat/server.ts": "examples/chat.md",
      "src/http/Retry.ts": "api/http/Retry.md",
      "src/http/OpenRouterClient.ts": "api/http/OpenRouterClient/index.md",
      "src/http/row.ts": "source/src/http/row.ts.md"
    }
    for (const [path, place] of Object.entries(places)) assert.strictEqual(placeOf(path, modules), place)
    assert.throws(() => placeOf("docs/gone.md", modules), /there is no docs\/gone.md/)
    assert.throws(() => placeOf("src/http", modules), /has no page for the folder/)
  })

  it("has its links to the repository led to pages", () => {
    const code = new Set<string>()
    const text = [
      "[a](tools.md#kinds) [`b`](../src/http/row.ts) [c](https://effect.website) [d](#e) `[f](g.md)`",
      "```md",
      "[h](i.md)",
      "```",
      "[j](../examples/chat)"
    ].join("\n")
    assert.strictEqual(
      relocate("docs/agent.md", "guide/agent.md", text, modules, code),
      [
        "[a](./tools.md#kinds) [`b`](../source/src/http/row.ts.md) [c](https://effect.website) [d](#e) `[f](g.md)`",
        "```md",
        "[h](i.md)",
        "```",
        "[j](../examples/chat.md)"
      ].join("\n")
    )
    assert.deepStrictEqual([...code], ["src/http/row.ts"])
  })
})

describe("the groups of guides", () => {
  const map = [
    "# Guides",
    "See [the agent](agent.md).",
    "## Start",
    "- [Install](install.md): how to.",
    "- [Errors](errors.md), and [tools](tools.md)",
    "1. [Chat](first-chat.md)",
    "## Nothing",
    "text",
    "## Agents",
    "| [`@effect/ai`](tools.md) | what |"
  ].join("\n")

  it("are read from a map", () =>
    assert.deepStrictEqual(groupsOfMap(map), [
      {
        title: "Start",
        guides: [{ page: "install", name: "Install" }, { page: "errors", name: "Errors" }, {
          page: "first-chat",
          name: "Chat"
        }]
      },
      { title: "Agents", guides: [{ page: "tools", name: "@effect/ai" }] }
    ]))

  it("hold each guide once", () => {
    const problems = groupProblems([{ title: "A", guides: ["a", "b", "a"].map((page) => ({ page, name: page })) }], [
      "a",
      "c"
    ])
    assert.lengthOf(problems, 3)
    assert.match(problems[0] ?? "", /^docs\/c\.md is in no group/)
    assert.match(problems[1] ?? "", /lists docs\/b\.md, which is not there/)
    assert.match(problems[2] ?? "", /lists a twice/)
  })
})

describe("a type of parameters", () => {
  const file = "src/services/endpoints/Chat.ts"

  it("has its own fields and those that it inherits, each once", () => {
    const fields = fieldsOf(file, "SendParams")
    assert.strictEqual(fields[0]?.name, "stream")
    assert.strictEqual(fields[0]?.type, "false")
    const messages = fields.find(({ name }) => name === "messages")
    assert.isFalse(messages?.isOptional)
    assert.strictEqual(messages?.file, "src/schema/ChatRequest.ts")
    assert.strictEqual(new Set(fields.map(({ name }) => name)).size, fields.length)
  })

  it("is code whose public names are links", () =>
    assert.strictEqual(
      typeCode("endpoints/Chat.md", file, `ReadonlyArray<ChatResult> | "ChatResult"`, modules),
      "<code v-pre>ReadonlyArray&lt;<a href=\"../api/schema/Chat.html#chatresult\">ChatResult</a>&gt; &#124; \"ChatResult\"</code>"
    ))

  it("belongs to a function with a comment", () =>
    assert.match(commentAt(file, "send").text, /^Sends a conversation to a model/))
})
