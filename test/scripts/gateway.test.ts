/** The benchmark of gateways passes on whole streams, at any size. */
import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const root = fileURLToPath(new URL("../..", import.meta.url))

const size = ["--minutes", "0.02", "--streams", "5", "--tokens", "10", "--interval", "10"]

describe("bench/gateway.ts", () => {
  it("measures each way to pass on a stream", async () => {
    const names = ["no gateway", "raw fetch", "effect-openrouter, fetch", "effect-openrouter, undici, forEach"]
    // It fails if a stream does not end whole
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", "bench/gateway.ts", ...names, ...size],
      { cwd: root }
    )
    for (const name of names) {
      const [tokens, cpu] = stdout.split(`| ${name} | `)[1]?.split(" | ") ?? []
      assert.isAbove(Number(tokens), 0, stdout)
      if (name !== "no gateway") assert.isAbove(Number(cpu), 0, stdout)
    }
  }, 120_000)
})
