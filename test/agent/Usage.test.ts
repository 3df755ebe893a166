import { assert, describe, it } from "@effect/vitest"
import * as Usage from "../../src/agent/Usage.js"

const used = (cachedTokens: number, cacheWriteTokens: number): Usage.Usage => ({
  ...Usage.none,
  inputTokens: 10_000,
  cachedTokens,
  cacheWriteTokens
})

describe("savedByCaching", () => {
  const pricing = { prompt: "0.000005", input_cache_read: "0.0000005", input_cache_write: "0.00000625" }

  it("is what the same input would cost without a cache, less what it cost", () => {
    // 5 a million without a cache, 0.5 read from it
    assert.closeTo(Usage.savedByCaching(used(4000, 0), pricing), 0.02 - 0.002, 1e-12)
    // 6.25 a million written to it
    assert.closeTo(Usage.savedByCaching(used(0, 4000), pricing), 0.02 - 0.025, 1e-12)
    assert.closeTo(Usage.savedByCaching(used(2161, 2161), pricing), 2161 * 4.5e-6 - 2161 * 1.25e-6, 1e-12)
  })

  it("is nothing for a model without prices for its cache", () =>
    assert.strictEqual(
      Usage.savedByCaching(used(4000, 4000), { prompt: "0.000005", input_cache_read: null }),
      0
    ))
})
