/**
 * `npm run firstHour`, after `npm run archives`: follows README and the install page to the letter, as a new user would. For
 * each runtime it makes an empty folder with `npm init -y`, saves the programs that the page shows, types its commands, and
 * looks at the words that arrive. The pages are those in the archives, which come from a registry on this machine; the model
 * is a scripted server. `-- Node` tries the runtimes whose names begin so; `-- --record` writes `docs/hello.svg`.
 */
import { FetchHttpClient } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import * as Effect from "effect/Effect"
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Script from "../../src/testing/Script.js"
import * as ScriptedServer from "../../src/testing/server/ScriptedServer.js"
import { root } from "../effect4/tree.js"
import { recordingOf } from "./recording.js"
import { publish, type Published, startRegistry } from "./registry.js"
import { type Runtime, runtimes } from "./runtimes.js"
import { type Printed, typed } from "./shell.js"
import { sectionOf, stepsOf } from "./steps.js"

const words = "Hello! Bonjour ! ¡Hola!"

const archives = join(root, "build/archives")

const published = (): ReadonlyArray<Published> =>
  readdirSync(archives).filter((file) => file.endsWith(".tgz")).map((file) => publish(join(archives, file)))
    .sort((a, b) => Number.parseInt(a.version) - Number.parseInt(b.version))

/** README has a line of its own for Effect 4, in place of the one that it shows. */
const forEffect4 = (section: string): string => {
  const packages = /With Effect 4, install `([^`]+)`/.exec(section)?.[1]
  if (packages === undefined) throw new Error("firstHour: README does not say what to install with Effect 4")
  return section.replace(/^npm install .*$/m, `npm install ${packages}`)
}

const follow = async (
  runtime: Runtime,
  editions: ReadonlyArray<Published>,
  work: string,
  environment: Readonly<Record<string, string>>
): Promise<Printed> => {
  const edition = editions.find(({ version }) => version.startsWith("4.") === (runtime.edition === 4))
  if (edition === undefined) throw new Error(`firstHour: there is no archive for Effect ${runtime.edition}`)
  const tools = join(work, "tools", runtime.tool ?? "")
  mkdirSync(tools, { recursive: true })
  if (runtime.tool !== undefined) {
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--prefix", tools, runtime.tool], { stdio: "ignore" })
  }
  const folder = mkdtempSync(join(work, `${runtime.name.replaceAll(" ", "-")}-`))
  execFileSync("npm", ["init", "-y"], { cwd: folder, stdio: "ignore" })
  const page = sectionOf(edition.read(runtime.page), runtime.section)
  const steps = stepsOf(runtime.edition === 4 ? forEffect4(page) : page)
  const commands = steps.flatMap((step) => {
    if (step._tag === "commands") return [step.text]
    writeFileSync(join(folder, step.name), step.text)
    return []
  })
  const path = `${join(tools, runtime.bin ?? "")}:${process.env["PATH"]}`
  return typed(commands.join("\n"), folder, { ...environment, PATH: path }, runtime.serves)
}

const main = Effect.gen(function*() {
  const server = yield* ScriptedServer.make({ turns: [Script.forever(Script.turn(words, { pace: "120 millis" }))] })
  const work = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-openrouter-first-hour-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  )
  const editions = published()
  const registry = yield* Effect.acquireRelease(
    Effect.promise(() => startRegistry(editions)),
    ({ close }) => Effect.sync(close)
  )
  const environment = {
    OPENROUTER_BASE_URL: server.url,
    OPENROUTER_API_KEY: "sk-or-first-hour",
    NPM_CONFIG_REGISTRY: registry.url,
    BUN_CONFIG_REGISTRY: registry.url,
    NPM_CONFIG_YES: "true"
  }
  const names = process.argv.slice(2).filter((name) => !name.startsWith("--"))
  const isRecorded = process.argv.includes("--record")
  const chosen = isRecorded
    ? runtimes.slice(0, 1)
    : runtimes.filter(({ name }) => names.length === 0 || names.some((one) => name.startsWith(one)))
  for (const runtime of chosen) {
    const started = Date.now()
    const { pieces, printed } = yield* Effect.promise(() => follow(runtime, editions, work, environment))
    const said = pieces.filter(({ text }) =>
      printed.indexOf(text) >= 0 && words.includes(text.trim()) && text.trim() !== ""
    )
    if (!printed.includes(words) || said.length < 3) {
      return yield* Effect.dieMessage(`${runtime.name}: "${words}" did not arrive in pieces. It printed:\n${printed}`)
    }
    const seconds = Math.round((Date.now() - started) / 1000)
    const { edition, name, page, section = "the beginning" } = runtime
    console.log(`${name} | Effect ${edition} | ${page}, ${section} | ${said.length} pieces | ${seconds} s`)
    if (isRecorded) writeFileSync(join(root, "docs/hello.svg"), recordingOf(said))
  }
}).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))

NodeRuntime.runMain(main)
