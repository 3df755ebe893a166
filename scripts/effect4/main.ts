/**
 * The Effect 4 edition. `npm run check:effect4` writes its sources to `effect4/build` and type-checks them;
 * `npm run test:effect4` runs its tests, all or those whose paths follow; `npm run test:types:effect4` those of types.
 */
import { join } from "node:path"
import { check } from "./check.js"
import { install, run, runIn } from "./toolchain.js"
import { edition, output, root, writeTree } from "./tree.js"

const [command = "check", ...args] = process.argv.slice(2)
const started = Date.now()

install()
const { carried, own } = writeTree()

if (command === "check") {
  const problems = check()
  for (const problem of problems) console.error(problem)
  const seconds = Math.round((Date.now() - started) / 1000)
  console.log(
    `effect4: ${carried} files carried over, ${own} of its own, ${problems.length} errors on Effect 4, ${seconds} s`
  )
  process.exitCode = problems.length === 0 ? 0 : 1
} else if (command === "test") {
  const fixtures = process.env["OPENROUTER_FIXTURES"] ?? join(root, "../shared")
  process.exitCode = run("vitest/vitest.mjs", ["run", "--root", "build", ...args], {
    ...process.env,
    OPENROUTER_FIXTURES: fixtures,
    // The examples that tests start import the sources, too
    TSX_TSCONFIG_PATH: join(edition, "tsconfig.json")
  })
} else if (command === "types") {
  process.exitCode = runIn(output, join(root, "node_modules/tstyche/build/bin.js"), args)
} else throw new Error(`effect4: there is no command "${command}"; use check, test or types`)
