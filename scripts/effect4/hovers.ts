/**
 * `npm run hovers`: the types of `test-types/hovers/expressions.ts` as editors show them, by both editions side by side, in
 * `build/hovers.md`. It fails where that for Effect 4 says `unknown` or `any` and the other one does not, and where
 * either names a type of `internal/effect`, which users cannot look up.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import ts from "typescript"
import { install } from "./toolchain.js"
import { edition, output, root, writeTree } from "./tree.js"

const expressions = "test-types/hovers/expressions.ts"

const flags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.WriteArrayAsGenericType

/** The types of what a file exports, by the names, and the errors of the file. */
const typesOf = (file: string, folder: string) => {
  const { config } = ts.readConfigFile(join(folder, "tsconfig.json"), ts.sys.readFile)
  const parsed = ts.parseJsonConfigFileContent({ ...config, include: [], files: [file] }, ts.sys, folder)
  const { incremental: _, tsBuildInfoFile: __, ...options } = parsed.options
  const program = ts.createProgram([file], options)
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(file)
  const symbol = source && checker.getSymbolAtLocation(source)
  const exported = symbol === undefined ? [] : checker.getExportsOfModule(symbol)
  return {
    types: new Map(
      exported.map((one) => [one.name, checker.typeToString(checker.getTypeOfSymbol(one), source, flags)])
    ),
    errors: program.getSemanticDiagnostics(source).map(({ messageText }) =>
      ts.flattenDiagnosticMessageText(messageText, "\n")
    )
  }
}

const count = (word: string, type: string): number => type.match(new RegExp(`\\b${word}\\b`, "g"))?.length ?? 0

/** Whether a module declares a type, and does not only pass on one of Effect. */
const declares = (path: string, type: string): boolean =>
  new RegExp(`^export (declare )?(type|interface|class) ${type}\\b`, "m").test(readFileSync(`${path}.ts`, "utf8"))

const problemsOf = (name: string, in3: string, in4: string): ReadonlyArray<string> => [
  ...["unknown", "any"].filter((word) => count(word, in4) > count(word, in3))
    .map((word) => `${name}: "${word}" on Effect 4, where Effect 3 has a type`),
  ...[in3, in4].flatMap((type) =>
    [...type.matchAll(/import\("([^"]*\/internal\/effect\/\w+)"\)\.(\w+)/g)]
      .filter(([, path = "", alias = ""]) => declares(path, alias))
      .map(([, path, alias]) => `${name}: names ${alias} of ${path}.ts`)
  )
]

/** A type without the files of its names, as editors show it. */
const shown = (type: string | undefined): string => type?.replaceAll(/import\("[^"]*"\)\./g, "") ?? "?"

install()
writeTree()
const in3 = typesOf(join(root, expressions), root)
const in4 = typesOf(join(output, expressions), edition)
const page = [...in3.types].map(([name, type]) =>
  [`## ${name}`, "```ts", `// Effect 3\n${shown(type)}`, `// Effect 4\n${shown(in4.types.get(name))}`, "```"].join("\n")
)
mkdirSync(join(root, "build"), { recursive: true })
writeFileSync(join(root, "build/hovers.md"), `${page.join("\n\n")}\n`)
const problems = [
  ...[...in3.errors, ...in4.errors].map((error) => `${expressions}: ${error}`),
  ...[...in3.types].flatMap(([name, type]) => problemsOf(name, type, in4.types.get(name) ?? "unknown"))
]
for (const problem of problems) console.error(problem)
const equal = [...in3.types].filter(([name, type]) => shown(in4.types.get(name)) === shown(type)).length
console.log(
  `${in3.types.size} types on both editions, ${equal} the same text, ${problems.length} problems: build/hovers.md`
)
process.exitCode = problems.length === 0 ? 0 : 1
