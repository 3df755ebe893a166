/**
 * `npm run compatibility`, after a build: installs what would be published into a project of its own, far from this
 * one, and uses it there from plain JavaScript, from TypeScript with two kinds of module resolution, and bundled where
 * only the web's globals are. With `--browser` the bundle also runs in a page and in a worker of a headless Chromium.
 */
import { Effect } from "effect"
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { executablePath, isInstalled, launch } from "../browser/chromium.js"
import { pack } from "../build/pack.js"
import { bundleForTheWeb } from "./bundle.js"
import { runInWebContext } from "./webContext.js"

const root = fileURLToPath(new URL("../..", import.meta.url))
const project = mkdtempSync(join(tmpdir(), "effect-openrouter-"))

const run = (command: string, ...args: ReadonlyArray<string>): void => {
  const { error, status, stderr, stdout } = spawnSync(command, args, { cwd: project, encoding: "utf8" })
  assert.ok(status === 0, `${command} ${args.join(" ")}\n${stdout}${stderr}${error ?? ""}`)
}

const write = (name: string, content: object): void => writeFileSync(join(project, name), JSON.stringify(content))

const install = (): void => {
  const { devDependencies, peerDependencies }: {
    readonly devDependencies: Readonly<Record<string, string>>
    readonly peerDependencies: Readonly<Record<string, string>>
  } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  write("package.json", { private: true, type: "module" })
  cpSync(join(root, "test/package/project"), project, { recursive: true })
  const peers = Object.keys(peerDependencies).map((name) => `${name}@${devDependencies[name]}`)
  const { archive } = pack(root, project)
  run("npm", "install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", archive, ...peers)
}

const compile = (module: string, moduleResolution: string): void => {
  write("tsconfig.json", {
    compilerOptions: { strict: true, noEmit: true, target: "ES2022", module, moduleResolution, types: [] },
    files: ["typed.ts"]
  })
  run(process.execPath, join(root, "node_modules/typescript/bin/tsc"))
}

const check = (ran: unknown): void => {
  const { expected, result } = Object(ran)
  // through JSON, since values of another realm have other prototypes
  assert.equal(JSON.stringify(result), JSON.stringify(expected))
  assert.ok(expected !== undefined)
}

const script = (): Promise<string> => bundleForTheWeb(join(project, "web.mjs"))

const inBrowser = (): Promise<void> =>
  Effect.gen(function*() {
    const browser = yield* launch
    const bundle = yield* Effect.promise(script)
    const page = yield* Effect.promise(() => browser.newPage())
    // Effect resolves URLs against the page's, and about:blank is no base
    yield* Effect.promise(() => page.route("**/*", (route) => route.fulfill({ body: "", contentType: "text/html" })))
    yield* Effect.promise(() => page.goto("https://app.test/"))
    check(yield* Effect.promise(() => page.evaluate(`(0, eval)(${JSON.stringify(bundle)}), globalThis.started`)))
    const worker = `${bundle}\nglobalThis.started.then(postMessage, (error) => postMessage(String(error)))`
    check(
      yield* Effect.promise(() =>
        page.evaluate(`new Promise((resolve, reject) => {
          const worker = new Worker(URL.createObjectURL(new Blob([${JSON.stringify(worker)}])))
          worker.onmessage = ({ data }) => resolve(data)
          worker.onerror = ({ message }) => reject(new Error(message))
        })`)
      )
    )
  }).pipe(Effect.scoped, Effect.timeout("1 minute"), Effect.runPromise)

const steps: ReadonlyArray<readonly [title: string, step: () => void | Promise<void>]> = [
  ["is installed from its archive, beside its peers", install],
  [`is used by plain JavaScript in Node ${process.version}`, () => run(process.execPath, "plain.mjs")],
  ["is compiled against with moduleResolution nodenext", () => compile("nodenext", "nodenext")],
  ["is compiled against with moduleResolution bundler", () => compile("esnext", "bundler")],
  [
    "is bundled, and runs where only the web's globals are",
    async () => check(await runInWebContext(await script(), "started"))
  ],
  ...(process.argv.includes("--browser")
    ? [
      isInstalled
        ? ["runs in a page and in a worker of Chromium", inBrowser] as const
        : [`is not tried in a browser: there is no Chromium at ${executablePath}`, () => {}] as const
    ]
    : [])
]

try {
  for (const [title, step] of steps) {
    await step()
    console.log(`✓ the package ${title}`)
  }
} finally {
  rmSync(project, { recursive: true, force: true })
}
