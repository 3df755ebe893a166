import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"

const run = (example: string): string =>
  execFileSync(process.execPath, ["--import", "tsx", `examples/${example}.ts`], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    encoding: "utf8",
    timeout: 25_000
  })

describe("examples", () => {
  it("structured-output prints a value, a response without a value, and a truncated one", () => {
    const output = run("structured-output")
    assert.include(output, "Tea: 5 minutes { water: '200 ml' } for $0.0001")
    assert.include(output, "it contains no JSON in \"I would rather not say.\", for $0.0002")
    assert.include(output, "bread: truncated")
  })

  it("messages prints the request", () => {
    const output = run("messages")
    assert.include(output, "It is the lid.")
    assert.include(output, "\"ttl\": \"1h\"")
    assert.include(output, "\"content\": \"It is\"")
  })
})
