/**
 * `npm run compatibility`, after a build: installs what would be published into a project of its own, far from this one,
 * and uses it there: from plain JavaScript, as ES modules and by `require`; from TypeScript with each kind of module and
 * module resolution; by README's first program in a folder that `npm init` made; and bundled where only the web's globals
 * are. With `--browser` the bundle also runs in a page and in a worker of a headless Chromium, with `--jest` a test of Jest
 * requires it, too.
 */
import { Effect } from "effect"
import assert from "node:assert/strict"
import { execFile, execFileSync, spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { ScriptedServer } from "../../src/testing/server/index.js"
import { executablePath, isInstalled, launch } from "../browser/chromium.js"
import { pack } from "../build/pack.js"
import { withoutEsModules } from "../build/withoutEsModules.js"
import { ofMarkdown } from "../docs/snippets.js"
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

type PackageType = "module" | "commonjs"

/** How a project reads the package: the type of its own package, `module` and `moduleResolution`. */
const projects: ReadonlyArray<readonly [type: PackageType, module: string, moduleResolution: string]> = [
  ["module", "nodenext", "nodenext"],
  ["module", "node16", "node16"],
  ["module", "esnext", "bundler"],
  ["commonjs", "nodenext", "nodenext"],
  ["commonjs", "node16", "node16"],
  ["commonjs", "preserve", "bundler"]
]

/** Makes the project one of ES modules or of CommonJS, and keeps what is installed. */
const become = (type: PackageType): void => write("package.json", { name: "project", private: true, type })

const compile = (type: PackageType, module: string, moduleResolution: string): void => {
  become(type)
  write("tsconfig.json", {
    compilerOptions: {
      strict: true,
      target: "ES2022",
      lib: ["ES2023", "DOM", "DOM.Iterable"],
      // Types that nobody wrote must have names that are public, or there is no declaration of them (TS2742)
      declaration: true,
      outDir: `out/${type}-${module}`,
      skipLibCheck: true,
      module,
      moduleResolution,
      types: []
    },
    files: ["typed.ts", "inferred.ts", "modules.ts"]
  })
  run(process.execPath, join(root, "node_modules/typescript/bin/tsc"))
}

/** The declarations that `compile` wrote, as files of a user of that project: they must not lead to nowhere. */
const compileInferred = (type: PackageType, module: string, moduleResolution: string): void => {
  become(type)
  write("tsconfig.json", {
    compilerOptions: {
      strict: true,
      noEmit: true,
      target: "ES2022",
      lib: ["ES2023", "DOM", "DOM.Iterable"],
      module,
      moduleResolution,
      types: []
    },
    files: [`out/${type}-${module}/inferred.d.ts`]
  })
  const { stdout } = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "--pretty", "false"], {
    cwd: project,
    encoding: "utf8"
  })
  // What is wrong in the declarations of other packages is not for us to tell
  const problems = stdout.split("\n").filter((line) => /^(out|node_modules\/effect-openrouter)\//.test(line))
  assert.deepEqual(problems, [])
}

const require = (): void => {
  become("commonjs")
  run(process.execPath, ...withoutEsModules, "require.cjs")
}

const inJest = (): void => {
  become("commonjs")
  run("npm", "install", "--prefer-offline", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "jest@29.7.0")
  writeFileSync(join(project, "required.test.cjs"), `test("it is required", () => require("./require.cjs").done)\n`)
  run(process.execPath, "node_modules/jest/bin/jest.js", "--testMatch", "**/required.test.cjs")
}

/** README's first program, with `npx tsx` in a package as `npm init -y` writes it, over a scripted server. */
const readme = (): Promise<void> =>
  Effect.gen(function*() {
    const server = yield* ScriptedServer.ScriptedServer
    const [first] = ofMarkdown("README.md", readFileSync(join(root, "README.md"), "utf8"))
    assert.ok(first !== undefined, "README.md shows no program")
    const folder = join(project, "first")
    mkdirSync(folder)
    execFileSync("npm", ["init", "-y"], { cwd: folder })
    writeFileSync(join(folder, "first.ts"), first.code)
    const { stdout } = yield* Effect.promise(() =>
      promisify(execFile)(process.execPath, [join(root, "node_modules/tsx/dist/cli.mjs"), "first.ts"], {
        cwd: folder,
        env: { ...process.env, OPENROUTER_API_KEY: "sk-or-v1-of-a-user", OPENROUTER_BASE_URL: server.url }
      })
    )
    assert.notEqual(stdout.trim(), "", "README's first program prints nothing")
  }).pipe(Effect.provide(ScriptedServer.layer(ScriptedServer.demo)), Effect.scoped, Effect.runPromise)

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

type Step = readonly [title: string, step: () => void | Promise<void>]

const steps: ReadonlyArray<Step> = [
  ["is installed from its archive, beside its peers", install],
  [`is used by plain JavaScript in Node ${process.version}`, () => run(process.execPath, "plain.mjs")],
  ["is required by CommonJS, with one effect", require],
  ...(process.argv.includes("--jest") ? [["is required by Jest", inJest] as const] : []),
  ...projects.flatMap(([type, module, resolution]): ReadonlyArray<Step> => [
    [`is compiled against by "type": "${type}", "module": "${module}"`, () => compile(type, module, resolution)],
    ["has public names for the types that nobody wrote", () => compileInferred(type, module, resolution)]
  ]),
  ["runs README's first program in a folder of npm init", readme],
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
