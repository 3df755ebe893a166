/**
 * `npm run installs`, after `npm run archives`: installs both editions from their archives into new projects, by npm, pnpm
 * and Bun, and runs there the demo, an agent with a tool, and the test kit. Then it installs each edition beside the
 * Effect of the other one, and looks at how that fails. `-- bun` tries Bun alone.
 */
import { transformSync } from "esbuild"
import assert from "node:assert/strict"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Edition, editions, shellOf } from "./editions.js"
import { type Manager, managersIn, type Ran, run } from "./managers.js"

const work = mkdtempSync(join(tmpdir(), "effect-openrouter-installs-"))

/** A new project with an edition, beside the packages of Effect that are given. */
const install = (manager: Manager, edition: Edition, peers: ReadonlyArray<string>, name: string) => {
  const project = join(work, name)
  mkdirSync(project)
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }))
  const [command = "", ...args] = manager.add
  return { project, installed: run(command, [...args, edition.archive, ...peers], project, shellOf(edition)) }
}

const succeeded = (what: string, { printed, status }: Ran): string => {
  assert.equal(status, 0, `${what} failed:\n${printed}`)
  return printed
}

/** What the programs print, by their files in the tree of an edition. */
const programs: ReadonlyArray<readonly [file: string, prints: RegExp]> = [
  ["examples/demo.ts", /^1\. \d+ models[\s\S]+2\. [\s\S]+3\. [\s\S]+4\. Caught [\s\S]+and responds: .+\(completed, /m],
  ["test/package/project/kit.ts", /It is 5\. true completed[\s\S]+7\.5/]
]

/** What runs programs: Node, and a manager that does it, too. */
const runnersOf = (manager: Manager, edition: Edition): ReadonlyArray<string> => [
  edition.node,
  ...(manager.runs ? [manager.add[0] ?? ""] : [])
]

const right = (manager: Manager, edition: Edition): string => {
  const { installed, project } = install(manager, edition, edition.peers, `${manager.name}-${edition.effect}`)
  succeeded(`${manager.name} with Effect ${edition.effect}`, installed)
  const [byNode, byItself] = runnersOf(manager, edition).map((runner) => {
    for (const [file, prints] of programs) {
      const program = join(project, "program.mjs")
      writeFileSync(program, transformSync(readFileSync(join(edition.tree, file), "utf8"), { loader: "ts" }).code)
      const what = `${file} in a project of ${manager.name}, by ${runner}`
      assert.match(succeeded(what, run(runner, [program], project, shellOf(edition))), prints, what)
    }
    return run(runner, ["--version"], project, process.env).printed.trim()
  })
  return `demo, agent and kit run by Node ${byNode}${
    byItself === undefined ? "" : ` and by ${manager.name} ${byItself}`
  }`
}

const wrong = (manager: Manager, edition: Edition, other: Edition): string => {
  const { installed, project } = install(manager, edition, other.peers, `${manager.name}-${edition.effect}-wrong`)
  if (manager.refuses) {
    assert.equal(installed.status, 1, `${manager.name} installs an edition beside the wrong Effect`)
    assert.match(installed.printed, /ERESOLVE/)
    return "is refused: ERESOLVE"
  }
  succeeded(`${manager.name} with the wrong Effect`, installed)
  const program = join(project, "program.mjs")
  writeFileSync(program, `import("effect-openrouter").catch(({ message }) => console.log(message))`)
  const messages = runnersOf(manager, edition).map((runner) => {
    const message = succeeded("the import", run(runner, [program], project, shellOf(edition))).trim()
    assert.match(message, edition.wrongPeer, `the import by ${runner}`)
    return message.replaceAll(/\S*\/node_modules\//g, "…/")
  })
  return `is installed, and the import fails: ${messages.join(" (Node); ")}`
}

try {
  const names = process.argv.slice(2)
  const managers = managersIn(work).filter(({ name }) => names.length === 0 || names.includes(name))
  const pair = editions()
  const row = (manager: Manager, edition: Edition, beside: number, says: string) =>
    console.log(`${manager.name.padEnd(5)}| for Effect ${edition.effect} | beside Effect ${beside} | ${says}`)
  for (const manager of managers) {
    for (const edition of pair) {
      row(manager, edition, edition.effect, right(manager, edition))
      for (const other of pair.filter(({ effect }) => effect !== edition.effect)) {
        row(manager, edition, other.effect, wrong(manager, edition, other))
      }
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true })
}
