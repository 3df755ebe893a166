/** Rules about imports. Each returns one line per violation. */
import { isBuiltin } from "node:module"
import { importsOf, membersOf, type Source, target } from "./sources.js"

/** The floors of `src`, from the ground up. A file may import from its own floor and from those below it. */
const floors: ReadonlyArray<string> = ["internal", "schema", "response", "http", "stream", "services", "agent"]

/** What stands beside the floors, and the floors that each of them stands on. */
const beside: Readonly<Record<string, ReadonlyArray<string>>> = {
  "services/endpoints": ["internal", "schema", "response", "http", "stream"],
  "testing": ["internal", "schema", "response", "http", "stream", "agent"],
  "node": ["internal", "schema", "response", "http", "stream", "services", "services/endpoints"],
  "query": ["internal", "http"],
  "sql": ["internal", "agent", "ui"],
  "ai": floors,
  "ui": ["internal", "schema", "response", "agent"],
  "durable": ["internal", "schema", "services", "agent"],
  "mcp": ["internal", "schema", "agent"],
  ".": floors
}

/** For each folder of `src`, the folders it may import from; `.` is `src` itself. */
const mayImport: Readonly<Record<string, ReadonlyArray<string>>> = {
  ...Object.fromEntries(
    floors.map((floor, index) => [
      floor,
      [...floors.slice(0, index + 1), ...(index >= floors.indexOf("services") ? ["services/endpoints"] : [])]
    ])
  ),
  ...Object.fromEntries(Object.entries(beside).map(([folder, below]) => [folder, [...below, folder]]))
}

/** Packages beyond `effect` and `@effect/platform`, by the only folder that may use them: optional peers. */
const optionalPeers: Readonly<Record<string, ReadonlyArray<string>>> = {
  "src/ai/": ["@effect/ai"],
  "src/durable/": ["@effect/workflow"],
  "src/durable/cluster/": ["@effect/cluster", "@effect/platform-node", "@effect/sql"],
  "src/mcp/": ["@modelcontextprotocol/client"],
  "src/mcp/server/": ["@modelcontextprotocol/server"],
  "src/node/": ["@effect/platform-node"],
  "src/query/": ["@tanstack/query-core"],
  "src/sql/": ["@effect/sql"],
  "src/testing/server/": ["@effect/platform-node", "@effect/platform-node-shared"]
}

/** Folders that need Node. They have entries of their own, so that only programs that ask for them load them. */
const nodeOnly: ReadonlyArray<string> = ["src/durable/cluster/", "src/node/", "src/testing/server/"]

const folderOf = (path: string): string | undefined => {
  if (!path.startsWith("src/")) return undefined
  const parts = path.split("/").slice(1, -1)
  const two = parts.slice(0, 2).join("/")
  return Object.hasOwn(mayImport, two) ? two : parts[0] ?? "."
}

const packageOf = (specifier: string): string =>
  specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/")

/** Folders import in one direction only, types included. */
export const direction = (sources: ReadonlyArray<Source>): ReadonlyArray<string> =>
  sources.flatMap((source) => {
    const from = folderOf(source.path)
    const allowed = from === undefined ? undefined : mayImport[from]
    if (from === undefined || allowed === undefined) {
      return [`${source.path}: no rule says what "${from}" may import; add the folder to ARCHITECTURE.md and here`]
    }
    return importsOf(source).flatMap(({ line, specifier }) => {
      const path = target(source, specifier)
      if (path === undefined) return []
      const to = folderOf(path)
      return to !== undefined && allowed.includes(to) ? [] : [
        `${source.path}:${line}: "${from}" may not import from "${to ?? path}" (${specifier}); it may from ${
          allowed.join(", ")
        }`
      ]
    })
  })

/** A folder named `internal` is imported only from within the folder that holds it. */
export const privateRooms = (sources: ReadonlyArray<Source>): ReadonlyArray<string> =>
  sources.flatMap((source) =>
    importsOf(source).flatMap(({ line, specifier }) => {
      const owner = /^(.*?)internal\//.exec(target(source, specifier) ?? "")?.[1]
      return owner === undefined || source.path.startsWith(owner)
        ? []
        : [`${source.path}:${line}: "${specifier}" is private to ${owner}; import a module of ${owner} instead`]
    })
  )

/** Modules that list namespaces for users, and the public modules that are found by their path alone. */
const frontDoors: ReadonlyArray<string> = [
  "src/index.ts",
  "src/extend.ts",
  "src/ai/index.ts",
  "src/durable/index.ts",
  "src/durable/cluster/index.ts",
  "src/mcp/index.ts",
  "src/mcp/server/index.ts",
  "src/mcp/stdio/index.ts",
  "src/node/index.ts",
  "src/query/index.ts",
  "src/sql/index.ts",
  "src/testing/index.ts",
  "src/ui/index.ts"
]

const isNamespace = (path: string): boolean =>
  /^src\/(?!internal\/).*\/[A-Z]\w*\.ts$/.test(path) && !/\/(internal|endpoints)\/|^src\/schema\//.test(path)

/** A module whose name begins with a capital letter is a namespace of an entry; all others are closed to users. */
export const publicModules = (sources: ReadonlyArray<Source>): ReadonlyArray<string> => {
  const shown = new Map(
    sources.filter(({ path }) => frontDoors.includes(path)).flatMap((source) =>
      importsOf(source).map(({ line, specifier }) => [target(source, specifier), `${source.path}:${line}`] as const)
    )
  )
  return [
    ...sources.filter(({ path }) => isNamespace(path) && !shown.has(path) && !path.startsWith("src/testing/server/"))
      .map(
        ({ path }) => `${path}: it is named like a public module, but no entry has it; rename it or export it`
      ),
    ...[...shown].filter(([path]) => path !== undefined && !isNamespace(path)).map(
      ([path, place]) => `${place}: ${path} is no public module; name it with a capital letter, outside \`internal\``
    )
  ]
}

/** Only the peers are imported, by sub-path, and optional peers only in their own folder. */
export const packages = (sources: ReadonlyArray<Source>): ReadonlyArray<string> =>
  sources.flatMap((source) =>
    importsOf(source).flatMap(({ line, specifier }) => {
      const at = `${source.path}:${line}`
      if (specifier.startsWith(".")) {
        return specifier.endsWith(".js") ? [] : [`${at}: "${specifier}" must end in .js`]
      }
      if (isBuiltin(specifier)) {
        return nodeOnly.some((folder) => source.path.startsWith(folder))
          ? []
          : [`${at}: "${specifier}" exists in Node only; the library runs in browsers and workers too`]
      }
      const name = packageOf(specifier)
      const peer = Object.entries(optionalPeers).some(([folder, names]) =>
        source.path.startsWith(folder) && names.includes(name)
      )
      if (name !== "effect" && name !== "@effect/platform" && !peer) {
        return [`${at}: "${name}" is not a peer that this folder may use`]
      }
      return specifier === name && name.includes("effect")
        ? [`${at}: import a module of "${name}" by its sub-path, the whole package is slow to load`]
        : []
    })
  )

/** Where Effect 3 and Effect 4 differ by more than a name: the modules written once for each of them. */
const editions: ReadonlyArray<string> = [
  "src/ai/internal/effect/",
  "src/internal/effect/",
  "src/node/internal/effect.ts",
  "src/schema/prelude.ts",
  "src/sql/internal/effect.ts"
]

/** Modules of Effect that Effect 4 lacks, or has with another meaning. */
const editionModules: ReadonlySet<string> = new Set([
  "@effect/platform/HttpClientError",
  "effect/Channel",
  "effect/Chunk",
  "effect/ConfigError",
  "effect/ConfigProvider",
  "effect/DefaultServices",
  "effect/Encoding",
  "effect/ExecutionStrategy",
  "effect/FiberId",
  "effect/FiberRef",
  "effect/JSONSchema",
  "effect/Mailbox",
  "effect/Metric",
  "effect/MetricBoundaries",
  "effect/MetricKey",
  "effect/MetricLabel",
  "effect/ParseResult",
  "effect/Runtime",
  "effect/RuntimeFlags",
  "effect/ScheduleDecision",
  "effect/ScheduleIntervals",
  "effect/SchemaAST",
  "effect/STM",
  "effect/Take"
])

/** Members of the other modules that Effect 4 lacks, or has with another meaning. */
const editionMembers: Readonly<Record<string, ReadonlySet<string>>> = {
  "@effect/platform/Headers": new Set(["currentRedactedNames"]),
  "@effect/platform/HttpClient": new Set(["transformResponse", "withTracerDisabledWhen", "withTracerPropagation"]),
  "effect/Cause": new Set(["parallel", "sequential", "stripFailures"]),
  "effect/Config": new Set(["array"]),
  "effect/Context": new Set(["Reference"]),
  "effect/Effect": new Set([
    "clock",
    "dieMessage",
    "fiberIdWith",
    "intoDeferred",
    "locally",
    "metricLabels",
    "reduce",
    "repeatN",
    "runtime",
    "scopeWith",
    "Semaphore",
    "tapBoth",
    "tryMap",
    "unsafeMakeSemaphore",
    "withConfigProvider"
  ]),
  "effect/Fiber": new Set(["interruptAsFork"]),
  "effect/Schedule": new Set(["driver", "identity", "intersect", "modifyDelay", "whileInput", "zipRight"]),
  "effect/Schema": new Set(["asSchema", "DateFromSelfSchemaId", "IntSchemaId"]),
  "effect/Scope": new Set(["fork"]),
  "effect/Stream": new Set([
    "StreamTypeId",
    "flattenTake",
    "fromChannel",
    "fromChunk",
    "mapChunks",
    "paginateChunkEffect",
    "repeatEffectChunkOption",
    "repeatEffectOption",
    "runCollect",
    "runForEachChunk",
    "toChannel",
    "toPull",
    "toQueue"
  ])
}

const isGenerated = (path: string): boolean =>
  /^src\/(schema|services\/endpoints)\/[A-Z]\w*\.ts$/.test(path) && !byHand.has(path)

const byHand: ReadonlySet<string> = new Set(["src/schema/JsonSchema.ts"])

/**
 * What Effect 3 and Effect 4 do not share beyond a name is reached through `src/internal/effect`, and by generated
 * modules through `schema/prelude` and the constructors of endpoints. Another edition then replaces those modules only.
 */
export const editionsOnly = (sources: ReadonlyArray<Source>): ReadonlyArray<string> =>
  sources.filter(({ path }) => !editions.some((edition) => path.startsWith(edition))).flatMap((source) => [
    ...importsOf(source).filter(({ specifier }) =>
      editionModules.has(specifier) || isGenerated(source.path) && !specifier.startsWith(".")
    ).map(({ line, specifier }) =>
      `${source.path}:${line}: "${specifier}" is for ${
        isGenerated(source.path) ? "modules by hand" : "src/internal/effect"
      } alone`
    ),
    ...membersOf(source).filter(({ member, specifier }) => editionMembers[specifier]?.has(member) === true).map(
      ({ line, member, specifier }) =>
        `${source.path}:${line}: ${member} of "${specifier}" is for src/internal/effect alone`
    )
  ])

/** No module needs itself, for its code or for its types. Lazy imports do not count. */
export const cycles = (sources: ReadonlyArray<Source>): ReadonlyArray<string> => {
  const edges = new Map(sources.map((source) => [
    source.path,
    importsOf(source).flatMap(({ kind, specifier }) => {
      const path = kind === "lazy" ? undefined : target(source, specifier)
      return path === undefined ? [] : [path]
    })
  ]))
  const done = new Set<string>()
  const found = new Set<string>()
  const walk = (path: string, trail: ReadonlyArray<string>): void => {
    const start = trail.indexOf(path)
    if (start >= 0) {
      found.add([...trail.slice(start), path].join(" -> "))
      return
    }
    if (done.has(path)) return
    for (const next of edges.get(path) ?? []) {
      walk(next, [...trail, path])
    }
    done.add(path)
  }
  for (const path of edges.keys()) {
    walk(path, [])
  }
  return [...found].map((cycle) => `import cycle: ${cycle}`)
}
