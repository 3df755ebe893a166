/**
 * The addresses under which users import the library, read from the two modules that list its namespaces. `exports` of
 * package.json is written from them, so that a module is public because a list names it, never because of its folder.
 */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { builtFolder } from "./edition.js"

/** An address, as in `import "effect-openrouter/…"` with `.` for the package, and its module below `src` and where it is built. */
export interface Entry {
  readonly address: string
  readonly module: string
}

const lists: ReadonlyArray<Entry> = [
  { address: ".", module: "index" },
  { address: "./extend", module: "extend" }
]

const besides: ReadonlyArray<Entry> = [
  { address: "./ai", module: "ai/index" },
  { address: "./durable", module: "durable/index" },
  { address: "./durable/cluster", module: "durable/cluster/index" },
  { address: "./mcp", module: "mcp/index" },
  { address: "./mcp/server", module: "mcp/server/index" },
  { address: "./mcp/stdio", module: "mcp/stdio/index" },
  { address: "./node", module: "node/index" },
  { address: "./query", module: "query/index" },
  { address: "./sql", module: "sql/index" },
  { address: "./testing", module: "testing/index" },
  { address: "./testing/server", module: "testing/server/index" },
  { address: "./ui", module: "ui/index" }
]

const named = [...lists, ...besides]

/** The modules that a list exports as namespaces, without their endings. */
export const namespaces = (list: string): ReadonlyArray<string> =>
  [...list.matchAll(/^export \* as \w+ from "\.\/(.+)\.js"$/gm)].flatMap(([, module]) => module ?? [])

const entry = (module: string): Entry => ({ address: `./${module}`, module })

const byAddress = (a: Entry, b: Entry): number => a.address < b.address ? -1 : 1

/** Every public address: the entries, one for each namespace of the lists, and the modules of schemas. */
export const publicEntries = (root: string): ReadonlyArray<Entry> => [
  ...named,
  ...lists.flatMap(({ module }) => namespaces(readFileSync(join(root, "src", `${module}.ts`), "utf8"))).map(entry)
    .sort(byAddress),
  // The generated modules; those by hand beside them begin with a small letter
  ...readdirSync(join(root, "src/schema")).filter((name) => /^[A-Z]\w*\.ts$/.test(name)).sort()
    .map((name) => entry(`schema/${name.slice(0, -".ts".length)}`))
]

/** The addresses that the modules which users may not import would have. */
export const privateEntries = (root: string): ReadonlyArray<string> => {
  const open = new Set(publicEntries(root).map(({ module }) => module))
  return readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts"))
    .map((path) => path.slice(0, -".ts".length))
    .filter((module) => !open.has(module))
    .map((module) => `./${module}`)
    .sort()
}

/** An address in `exports` of package.json. */
export type Export = string | { readonly require: string; readonly default: string }

/** Where the CommonJS modules are, below the ES modules. */
export const commonJsFolder = "cjs"

/**
 * `exports` of package.json: an ES module and a CommonJS module for each address, the declarations beside the code of
 * either, and nothing else can be imported. The CommonJS modules require those of `effect`, so that a program has one
 * `effect`, whichever kind of modules it consists of.
 */
export const exportsOf = (entries: ReadonlyArray<Entry>): Readonly<Record<string, Export>> =>
  Object.fromEntries([
    ...entries.map(({ address, module }) =>
      [
        address,
        { require: `./${builtFolder}/${commonJsFolder}/${module}.js`, default: `./${builtFolder}/${module}.js` }
      ] as const
    ),
    ["./package.json", "./package.json"]
  ])
