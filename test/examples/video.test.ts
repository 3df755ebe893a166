import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"

describe("examples", () => {
  it("video prints a job, the size of its video, and the uploaded file", () => {
    const output = execFileSync(process.execPath, ["--import", "tsx", "examples/video.ts"], {
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      encoding: "utf8",
      timeout: 25_000
    })
    assert.strictEqual(output.match(/job-1 is in_progress/g)?.length, 3)
    assert.include(output, "1000000 bytes for $0.5")
    assert.include(output, "filename: 'lighthouse.mp4'")
    assert.include(output, "size_bytes: 1000000")
  })
})
