/** What a program costs before it runs: the import of its modules in a cold process, and its bundle. */
import { build } from "esbuild"
import { execFileSync } from "node:child_process"
import { builtinModules } from "node:module"
import { gzipSync } from "node:zlib"
import { programs as ours } from "../scripts/budget/programs.js"
import { codeFor4 } from "../scripts/effect4/codemod.js"
import { node } from "../scripts/effect4/toolchain.js"
import { here, median } from "./processes.js"
import { markdown, type Row, type Table } from "./report.js"

/** The smallest program that sends one chat: its imports, and the whole program. */
interface Program {
  readonly folder: string
  readonly imports: ReadonlyArray<string>
  readonly source: string
}

const question = `{ model: "openai/gpt-5-nano", messages: [{ role: "user", content: "Hi" }] }`

const effect = ["effect/Effect", "effect/Schema", "effect/Stream"]
const platform = ["@effect/platform/HttpClient", "@effect/platform/FetchHttpClient"]

/** What every program on Effect needs. */
const floor = "Effect alone"

const programs = {
  [floor]: {
    folder: "..",
    imports: [...effect, ...platform],
    source: `import * as Effect from "effect/Effect"
      import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
      import * as HttpClient from "@effect/platform/HttpClient"
      import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
      HttpClientRequest.post("https://openrouter.ai/api/v1/chat/completions").pipe(
        HttpClientRequest.bodyUnsafeJson(${question}), HttpClient.execute, Effect.flatMap((response) => response.json),
        Effect.provide(FetchHttpClient.layer), Effect.runPromise).then(console.log)`
  },
  "@openrouter/sdk": {
    folder: ".",
    imports: ["@openrouter/sdk"],
    source: `import { OpenRouter } from "@openrouter/sdk"
      new OpenRouter({ apiKey: "k" }).chat.send({ chatRequest: ${question} }).then(console.log)`
  },
  "@openrouter/agent": {
    folder: ".",
    imports: ["@openrouter/agent"],
    source: `import { callModel, OpenRouter } from "@openrouter/agent"
      callModel(new OpenRouter({ apiKey: "k" }), { model: "openai/gpt-5-nano", input: "Hi" }).getText().then(console.log)`
  },
  "openai": {
    folder: ".",
    imports: ["openai"],
    source: `import OpenAI from "openai"
      new OpenAI({ apiKey: "k" }).chat.completions.create(${question}).then(console.log)`
  },
  "ai + provider": {
    folder: ".",
    imports: ["ai", "@openrouter/ai-sdk-provider"],
    source: `import { createOpenRouter } from "@openrouter/ai-sdk-provider"
      import { generateText } from "ai"
      generateText({ model: createOpenRouter({ apiKey: "k" })("openai/gpt-5-nano"), prompt: "Hi" }).then(console.log)`
  },
  "@effect/ai-openrouter": {
    folder: "effect-ai",
    imports: [
      "@effect/ai-openrouter/OpenRouterClient",
      "@effect/ai-openrouter/OpenRouterLanguageModel",
      "@effect/ai/LanguageModel",
      "@effect/platform/FetchHttpClient"
    ],
    source: `import * as OpenRouterClient from "@effect/ai-openrouter/OpenRouterClient"
      import * as OpenRouterLanguageModel from "@effect/ai-openrouter/OpenRouterLanguageModel"
      import * as LanguageModel from "@effect/ai/LanguageModel"
      import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
      import * as Effect from "effect/Effect"
      import * as Layer from "effect/Layer"
      import * as Redacted from "effect/Redacted"
      const client = Layer.provide(OpenRouterClient.layer({ apiKey: Redacted.make("k") }), FetchHttpClient.layer)
      const model = Layer.provide(OpenRouterLanguageModel.layer({ model: "openai/gpt-5-nano" }), client)
      LanguageModel.generateText({ prompt: "Hi" }).pipe(Effect.provide(model), Effect.runPromise).then(console.log)`
  },
  "effect-openrouter": {
    folder: "..",
    imports: ["effect-openrouter", "@effect/platform/FetchHttpClient"],
    source: ours["one chat"] ?? ""
  },
  "effect-openrouter, by its modules": {
    folder: "..",
    imports: [
      "effect-openrouter/services/Chat",
      "effect-openrouter/http/OpenRouterClient",
      "@effect/platform/FetchHttpClient"
    ],
    source: ours["one chat, by its modules"] ?? ""
  },
  "on Effect 4, by its modules": {
    folder: "../effect4/build",
    imports: [
      "effect-openrouter/services/Chat",
      "effect-openrouter/http/OpenRouterClient",
      "effect/http/FetchHttpClient"
    ],
    source: codeFor4("program.ts", ours["one chat, by its modules"] ?? "")
  }
} satisfies { readonly [client: string]: Program }

/** KiB of a program for a browser, minified and compressed. `left` is what the bundle leaves out. */
const bundle = async ({ folder, source }: Program, left: ReadonlyArray<string> = []): Promise<number> => {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: here(folder) },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    external: ["node:*", ...builtinModules, ...left],
    write: false,
    tsconfigRaw: {} // what is built, not what its paths lead to
  })
  return outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0) / 1024
}

const importing = (imports: ReadonlyArray<string>): string => `
  const rss = process.memoryUsage.rss()
  const cpu = process.cpuUsage()
  for (const name of ${JSON.stringify(imports)}) await import(name)
  const { system, user } = process.cpuUsage(cpu)
  console.log(JSON.stringify({ cpu: (system + user) / 1000, memory: (process.memoryUsage.rss() - rss) / 1048576 }))`

/** Milliseconds of CPU and megabytes of memory that a new process needs to import the modules of a program. */
const load = ({ folder, imports }: Program): { readonly cpu: number; readonly memory: number } =>
  JSON.parse(
    execFileSync(node(), ["--input-type=module", "--eval", importing(imports)], {
      cwd: here(folder),
      encoding: "utf8"
    })
  )

/** Measures all programs, imports in turn. */
export const measure = async (reps: number): Promise<Table> => {
  const names = Object.keys(programs)
  const loads = Array.from(
    { length: reps },
    () => Object.fromEntries(Object.entries(programs).map(([name, program]) => [name, load(program)]))
  )
  const cells = (figure: (name: string) => number) => Object.fromEntries(names.map((name) => [name, figure(name)]))
  const loaded = (pick: (load: { readonly cpu: number; readonly memory: number }) => number) => (name: string) =>
    median(loads.flatMap(({ [name]: load }) => load === undefined ? [] : [pick(load)]))
  const bundles = await Promise.all(
    Object.entries(programs).map(async ([name, program]) => [name, await bundle(program)] as const)
  )
  const ratios = (name: string) =>
    median(loads.map(({ [floor]: least, [name]: load }) => (load?.cpu ?? NaN) / (least?.cpu ?? NaN)))
  const rows: ReadonlyArray<Row> = [
    { name: "importCpu", title: "import, ms of CPU", digits: 0, cells: cells(loaded(({ cpu }) => cpu)) },
    { name: "importRatio", title: "import, CPU, Effect alone = 1", digits: 2, cells: cells(ratios) },
    { name: "importMemory", title: "import, MB of memory", digits: 0, cells: cells(loaded(({ memory }) => memory)) },
    { name: "bundle", title: "bundle, KiB after gzip", digits: 0, cells: Object.fromEntries(bundles) }
  ]
  const table = { name: "cold", title: "One chat, before it is sent", columns: names, rows }
  console.log(`\n${markdown(table)}`)
  return table
}

/** The packages of Effect. */
const effects = ["effect", "effect/*", "@effect/*"]

/** A program whose modules of this library are one module, which imports those of Effect. */
const asOneModule = async ({ folder, imports }: Program): Promise<Program> => {
  const outfile = here("../build/oneModule.mjs")
  await build({
    stdin: {
      contents: imports.map((name, index) => `export * as part${index} from "${name}"`).join("\n"),
      resolveDir: here(folder)
    },
    bundle: true,
    format: "esm",
    external: effects,
    outfile,
    tsconfigRaw: {} // as above
  })
  return { folder, imports: [outfile], source: "" }
}

/** The missed goals of this table with one cause removed: the number of modules, and the size of Effect. */
export const measureFloors = async (reps: number): Promise<Table> => {
  const modules = "effect-openrouter, by its modules"
  const ratio = (program: Program) =>
    median(Array.from({ length: reps }, () => load(program).cpu / load(programs[floor]).cpu))
  const one = await asOneModule(programs[modules])
  const [now, without] = ["as it is", "without the cause"]
  const importRow: Row = {
    name: "import",
    title: `import, CPU, Effect alone = 1, ${modules}: without the number of modules`,
    digits: 2,
    cells: { [now]: ratio(programs[modules]), [without]: ratio(one) }
  }
  const bundleRow = async (name: keyof typeof programs): Promise<Row> => ({
    name: "bundle",
    title: `bundle, KiB after gzip, ${name}: without Effect`,
    digits: 0,
    cells: { [now]: await bundle(programs[name]), [without]: await bundle(programs[name], effects) }
  })
  return {
    name: "floors",
    title: "One chat, before it is sent",
    columns: [now, without],
    rows: [
      importRow,
      await bundleRow("effect-openrouter"),
      await bundleRow(modules),
      await bundleRow("on Effect 4, by its modules")
    ]
  }
}
