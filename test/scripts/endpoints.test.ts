import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { missing, readSdk, replacing, type Sdk, table } from "../../scripts/endpoints/coverage.js"
import { page } from "../../scripts/endpoints/page.js"
import { root, rows } from "../../scripts/endpoints/rows.js"
import { needing, openApi } from "../../scripts/fixtures/fixtures.js"
import * as Library from "../../src/index.js"
import { readDocument, readJson, readSupplement } from "../generate/support/document.js"

const sdk = readSdk(readJson(`${root}scripts/endpoints/sdk.json`))

const called = (method: string, request: string) => replacing(rows, method, request).map((listed) => listed.called)

const run = (args: ReadonlyArray<string>): Promise<{ readonly code: number; readonly out: string }> =>
  new Promise((resolve) => {
    const command = [`${root}node_modules/tsx/dist/cli.mjs`, `${root}scripts/endpoints/main.ts`, ...args]
    execFile(process.execPath, command, { cwd: root, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), out: stdout + stderr })
    })
  })

describe("the list of the official SDK", () => {
  it("has its methods, each with a request", () => {
    assert.isNotEmpty(sdk.methods)
    for (const request of Object.values(sdk.methods)) assert.match(request, /^(GET|POST|PUT|PATCH|DELETE) \/[^ ]+$/)
  })

  it("is covered", () => assert.deepStrictEqual(missing(rows, [readSupplement()], sdk, Library), []))

  it.skipIf(!openApi.isPresent)(
    needing("and so is the document", openApi),
    () => assert.deepStrictEqual(missing(rows, [readDocument(), readSupplement()], sdk, Library), [])
  )

  it("is led to the row of the same name, whatever the parameters of its path are called", () => {
    assert.deepStrictEqual(called("chat.send", "POST /chat/completions"), ["Chat.send", "Chat.stream"])
    assert.deepStrictEqual(called("beta.responses.send", "POST /responses"), ["Responses.send", "Responses.stream"])
    assert.deepStrictEqual(called("stt.createTranscriptionMultipart", "POST /audio/transcriptions"), [
      "Stt.createTranscriptionMultipart"
    ])
    assert.deepStrictEqual(called("alpha.decisions.create", "POST /api/alpha/decisions"), ["Decisions.create"])
    assert.deepStrictEqual(called("workspaces.getBudget", "GET /workspaces/{ref}/budgets/{every}"), [
      "Workspaces.getBudget"
    ])
    assert.deepStrictEqual(called("videoGeneration.generate", "POST /videos"), ["Videos.generate"])
    assert.deepStrictEqual(called("models.list", "GET /decisions"), [])
  })
})

describe("what is missing", () => {
  const more: Sdk = {
    ...sdk,
    methods: { ...sdk.methods, "things.list": "GET /things" },
    helpers: { "things.local": "OAuth.nothing", "other.local": "Things.local" }
  }

  it("is named: operations, methods, helpers", () => {
    const get = { operationId: "getThing", responses: { 200: {} } }
    const document = { paths: { "/things/{id}": { get } }, components: { schemas: {} } }
    assert.deepStrictEqual(missing(rows, [document], more, Library), [
      "getThing: no row for GET /things/{id}",
      "@openrouter/sdk things.list: no row for GET /things",
      "@openrouter/sdk things.local: there is no OAuth.nothing",
      "@openrouter/sdk other.local: there is no Things.local"
    ])
  })

  it("fails the command", async () => {
    const folder = mkdtempSync(`${tmpdir()}/endpoints-`)
    try {
      writeFileSync(`${folder}/sdk.json`, JSON.stringify(more))
      const failed = await run(["--sdk", `${folder}/sdk.json`])
      assert.strictEqual(failed.code, 1)
      assert.include(failed.out, "things.list: no row for GET /things")
      assert.include(failed.out, "docs/from-openrouter-sdk.md is out of date")
      const passed = await run([])
      assert.strictEqual(passed.code, 0, passed.out)
      const operations = new Set(rows.map(({ row }) => row.operationId)).size
      const methods = Object.keys(sdk.methods).length
      assert.include(
        passed.out,
        `\n${operations} operations, ${rows.length} functions; ${methods} methods of ${sdk.package} ${sdk.version}`
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe("the table", () => {
  const line = (name: string) => table(rows).split("\n").find((text) => text.split(/ {2,}/)[1] === name)?.split(/ {2,}/)

  it("says of each operation what it takes, what it answers, how it fails, streams and goes on", () => {
    assert.deepStrictEqual(line("Models.list"), [
      "getModels",
      "Models.list",
      "ListParams?",
      "ModelsListResponse",
      "400 403 500",
      "offset"
    ])
    assert.deepStrictEqual(line("Chat.stream")?.slice(2, 4), ["StreamParams", "ChatStreamChunk"])
    assert.strictEqual(line("Chat.stream")?.at(-1), "sse")
    assert.deepStrictEqual(line("Vault.deleteVaultSecret")?.slice(2, 4), ["DeleteVaultSecretParams", "nothing"])
    assert.strictEqual(line("Files.download")?.[3], "bytes")
  })

  it("knows the types of every row", () => {
    for (const { called, response } of rows) assert.notStrictEqual(response, "", called)
  })
})

describe("the page for users of the official SDK", () => {
  it("is what the rows make of it (else: npm run endpoints -- --write)", () =>
    assert.strictEqual(readFileSync(`${root}docs/from-openrouter-sdk.md`, "utf8"), page(rows, sdk)))
})
