/** Rules that find a place that was forgotten when something was added: the checks behind the recipes of CONTRIBUTING.md. */
import type { Source } from "./sources.js"

/** The paths that a Markdown text names in backticks, below the folders of the repository. */
const pathsIn = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(
    /`((?:src|test|test-types|scripts|docs|bench|examples|\.changeset|\.github|\.ci)(?:\/[\w./-]+)?)`/g
  )]
    .map(([, path = ""]) => path.replace(/\/$/, ""))

/** Each path that a page names exists. */
export const paths = (page: string, text: string, exists: (path: string) => boolean): ReadonlyArray<string> =>
  [...new Set(pathsIn(text))].filter((path) => !exists(path)).map((path) => `${page}: "${path}" does not exist`)

const textOf = (sources: ReadonlyArray<Source>, path: string): string =>
  sources.find((source) => source.path === path)?.text ?? ""

const has = (text: string, word: string): boolean => new RegExp(`\\b${word}\\b`).test(text)

/** Each protocol has a test of its own, and a call that is fuzzed. */
export const protocols = (library: ReadonlyArray<Source>, tests: ReadonlyArray<Source>): ReadonlyArray<string> =>
  library.flatMap(({ path }) => {
    const name = /^src\/response\/(\w+)Protocol\.ts$/.exec(path)?.[1]
    if (name === undefined) return []
    const file = `/${name.toLowerCase()}protocol.`
    return [
      ...(tests.some((test) => test.path.toLowerCase().includes(file) && test.path.endsWith(".test.ts"))
        ? []
        : [`${path}: has no test; add test/response/${name}Protocol.test.ts`]),
      ...(new RegExp(`\\b${name}: twice\\(`).test(textOf(tests, "test/fuzz/support/targets.ts"))
        ? []
        : [`${path}: its events are not fuzzed; add "${name}" to \`streamed\` in test/fuzz/support/targets.ts`])
    ]
  })

/** Each error class of a call belongs to the union that users match, and goes through JSON in a test. */
export const errorClasses = (library: ReadonlyArray<Source>, tests: ReadonlyArray<Source>): ReadonlyArray<string> => {
  const union = textOf(library, "src/http/OpenRouterError.ts").replace(/import \{[^}]*\} from "[^"]*"/g, "")
  const examples = textOf(tests, "test/http/OpenRouterError.test.ts")
  return library.filter(({ path }) => /^src\/http\/internal\/(response|transport)Errors\.ts$/.test(path)).flatMap((
    { path, text }
  ) =>
    [...text.matchAll(/^export class (\w+)/gm)].flatMap(([, name = ""]) => [
      ...(has(union, name) ? [] : [`${path}: ${name} is not part of OpenRouterError (src/http/OpenRouterError.ts)`]),
      ...(has(examples, name) || new RegExp(`\\d{3}: ${name}\\b`).test(union)
        ? []
        : [`${path}: ${name} has no example in test/http/OpenRouterError.test.ts`])
    ])
  )
}
