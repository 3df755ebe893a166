import { assert, describe, it } from "@effect/vitest"
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import { needing, openApi } from "../../scripts/fixtures/fixtures.js"
import { at, type JsonObject, object } from "../../scripts/generate/json.js"
import { componentSchemas } from "../../scripts/generate/spec.js"
import { readDocument, root } from "./support/document.js"

interface Outcome {
  readonly code: number | null
  readonly output: string
}

/** Runs the command as `npm run generate` does. */
const run = (...args: ReadonlyArray<string>): Promise<Outcome> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, ["--import", "tsx", "scripts/generate/main.ts", ...args], { cwd: root })
    let output = ""
    child.stdout.on("data", (bytes) => output += String(bytes))
    child.stderr.on("data", (bytes) => output += String(bytes))
    child.on("close", (code) => resolve({ code, output }))
  })

/** Runs the command with a document that a loopback server gives. */
const runWith = async (document: JsonObject, ...args: ReadonlyArray<string>): Promise<Outcome> => {
  const server = createServer((_, response) => response.end(JSON.stringify(document)))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  const outcome = await run("--spec", `http://127.0.0.1:${port}/openapi.json`, ...args)
  await new Promise((resolve) => server.close(resolve))
  return outcome
}

const recordedDigest: { readonly date: string } = JSON.parse(
  readFileSync(`${root}scripts/generate/digest.json`, "utf8")
)

const withSchema = (document: JsonObject, name: string, schema: JsonObject): JsonObject => ({
  ...document,
  components: { ...object(document["components"], "#"), schemas: { ...componentSchemas(document), [name]: schema } }
})

describe.skipIf(!openApi.isPresent)(needing("npm run generate", openApi), () => {
  it("finds the committed files up to date", { timeout: 60_000 }, async () => {
    const { code, output } = await run("--check")
    assert.strictEqual(code, 0, output)
    const { date } = recordedDigest
    assert.match(
      output,
      new RegExp(`^\\d+ operations, .* files; document of ${date}, 0 changes since the last one`, "m")
    )
  })

  it(
    "reads a document from a URL, and lists the changes and the files to write",
    { timeout: 60_000 },
    async () => {
      const document = readDocument()
      const credits = at(document, "#/components/schemas/ModelsCountResponse")
      const changed = withSchema(document, "ModelsCountResponse", {
        ...object(credits ?? null, "ModelsCountResponse"),
        additionalProperties: {}
      })
      const { code, output } = await runWith(changed, "--check")
      assert.strictEqual(code, 1, output)
      assert.include(output, "altered  schema ModelsCountResponse\n")
      assert.include(output, "differs  src/schema/Models.ts\n")
      assert.notInclude(output, "src/schema/Chat.ts")
      assert.strictEqual((await run("--check")).code, 0, "a check writes nothing")
    }
  )

  it("rejects a document that it does not understand, with the place", { timeout: 60_000 }, async () => {
    const { code, output } = await runWith(
      withSchema(readDocument(), "Strange", { type: "string", contentMediaType: "x" })
    )
    assert.strictEqual(code, 1)
    assert.match(output, /^#\/components\/schemas\/Strange: keyword "contentMediaType" .* is not carried over; .*\n$/)
  })
})

describe("npm run generate without a document", () => {
  it("explains where to get one and how to pass it", { timeout: 60_000 }, async () => {
    for (const spec of ["no/such/document.json", "http://127.0.0.1:1/openapi.json"]) {
      const { code, output } = await run("--spec", spec)
      assert.strictEqual(code, 1)
      assert.match(output, /(does not exist|cannot be read \(.*\))\. Download .* --spec <path/)
      assert.notInclude(output, "    at ", "a stack says nothing to a user")
    }
  })
})
