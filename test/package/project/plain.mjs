import assert from "node:assert/strict"
import { expected, run } from "./program.mjs"

assert.deepEqual(await run(), expected)
