/** The rule that `test` mirrors `src`: a reader who knows a module finds its tests by its name. */
import type { Source } from "./sources.js"

/** Folders of `test` that are not named after a folder of `src`, with what they hold. */
const beside: Readonly<Record<string, string>> = {
  architecture: "rules about the repository itself",
  examples: "runs every example",
  faults: "one table of faults over every API and transport",
  fuzz: "random changes to bytes and values over every API",
  generate: "scripts/generate",
  growth: "how work grows with size, over several modules",
  package: "the package as it is published",
  recorded: "recorded traffic over every API",
  sdkSamples: "the samples of the official SDK's guide",
  scripts: "the other commands in scripts"
}

/** Folders within a floor's tests whose files are named after what they show, because they test many modules at once. */
const manyModules: ReadonlyArray<string> = [
  "test/agent/model/", // the loop against a model of it
  "test/agent/scenarios/", // numbered scenarios of whole runs
  "test/services/endpoints/" // one case for each operation
]

/** Files that test a promise of more than one module. */
const promises: Readonly<Record<string, string>> = {
  "test/agent/secrets.test.ts": "no module lets a key out",
  "test/http/secrets.test.ts": "no module lets a key out",
  "test/http/interruption.test.ts": "interruption closes the connection, at any moment of a call",
  "test/http/wire.test.ts": "what is sent, over each transport",
  "test/schema/bundle.test.ts": "what an import of schemas costs",
  "test/schema/examples.test.ts": "examples of the document, over all generated schemas",
  "test/schema/generated.test.ts": "all generated schemas",
  "test/services/endpoints.test.ts": "every operation",
  "test/services/repeatable.test.ts": "which operations may be repeated"
}

const nameOf = (path: string): string => (path.split("/").at(-1) ?? "").replace(/\..*$/, "")

const floorOf = (path: string): string => path.split("/")[1] ?? ""

/**
 * A test file in a folder of `test` that is named as a folder of `src` has the name of a module there, and may add what
 * it shows of it (`Retry.timing.test.ts`). Or it lies in a folder that has the name of a module or folder there
 * (`test/agent/conversation/locks.test.ts`). `allowed` names files that are still to be renamed; it may only shrink.
 */
export const mirror = (
  library: ReadonlyArray<Source>,
  tests: ReadonlyArray<Source>,
  allowed: ReadonlyArray<string> = []
): ReadonlyArray<string> => {
  const floors = new Map<string, Set<string>>()
  for (const { path } of library) {
    const parts = path.split("/").slice(1)
    const names = floors.get(parts[0] ?? "") ?? new Set()
    floors.set(parts[0] ?? "", names)
    for (const part of parts.slice(1)) names.add(part.replace(/\.ts$/, ""))
  }
  const problemOf = (path: string): string | undefined => {
    const floor = floorOf(path)
    const names = floors.get(floor)
    if (names === undefined) {
      return Object.hasOwn(beside, floor)
        ? undefined
        : `"test/${floor}" is neither a folder of src nor listed in mirror.ts`
    }
    const folders = path.split("/").slice(2, -1)
    const isNamed = names.has(nameOf(path)) || folders.some((folder) => folder !== "internal" && names.has(folder))
    if (isNamed || Object.hasOwn(promises, path) || manyModules.some((folder) => path.startsWith(folder))) {
      return undefined
    }
    return `no module of src/${floor} is named "${nameOf(path)}"; name the test after the module that it tests`
  }
  const found = tests.filter(({ path }) => path.endsWith(".test.ts")).flatMap(({ path }) => {
    const problem = problemOf(path)
    return problem === undefined ? [] : [{ path, problem }]
  })
  return [
    ...found.filter(({ path }) => !allowed.includes(path)).map(({ path, problem }) => `${path}: ${problem}`),
    ...allowed.filter((path) => !found.some((one) => one.path === path))
      .map((path) => `${path}: is allowed by another name, and needs it no more; remove it from the list`)
  ]
}

/** Exceptions of this file whose file or folder is gone. */
export const staleExceptions = (tests: ReadonlyArray<Source>): ReadonlyArray<string> =>
  [...Object.keys(beside).map((name) => `test/${name}/`), ...manyModules, ...Object.keys(promises)]
    .filter((place) => !tests.some(({ path }) => path.startsWith(place)))
    .map((place) => `mirror.ts: ${place} is an exception, but does not exist`)
