import { assert, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))

it("oauth-login logs in, chats with the user's key and ends, without a network", () => {
  const { OPENROUTER_API_KEY: _, ...env } = process.env
  const output = execFileSync(process.execPath, ["--import", "tsx", "examples/oauth-login.ts"], {
    cwd: root,
    encoding: "utf8",
    env,
    timeout: 25_000
  })
  assert.include(output, "Logged in as user_demo, with the key <redacted>.")
  assert.include(output, "You said: \"Say hello in one short sentence.\"")
  assert.notInclude(output, "sk-or-")
})
