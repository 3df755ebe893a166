/** The reading that the library is compared with must not use the library. */
import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"

const folder = new URL("reading/", import.meta.url)

describe("reading", () => {
  it("does not import the library", () => {
    const files = readdirSync(folder)
    assert.isNotEmpty(files)
    for (const file of files) {
      const imported = readFileSync(new URL(file, folder), "utf8").match(/from "[^"]+"/g) ?? []
      assert.deepStrictEqual(imported.filter((from) => !from.startsWith(`from "./`)), [], file)
    }
  })
})
