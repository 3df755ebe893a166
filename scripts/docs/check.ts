/** Type-checks snippets as a user's own files would be, with `effect-openrouter` resolved to `src`. */
import { dirname, join } from "node:path/posix"
import ts from "typescript"
import type { Snippet } from "./snippets.js"

const optionsOf = (root: string): ts.CompilerOptions => {
  const path = join(root, "tsconfig.json")
  const { config, error } = ts.readConfigFile(path, ts.sys.readFile)
  if (error !== undefined) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, "\n"))
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root)
  const { incremental: _, tsBuildInfoFile: __, ...checking } = options
  return { ...checking, noEmit: true, noUnusedLocals: false, noUnusedParameters: false }
}

const hostWith = (
  files: ReadonlyMap<string, unknown>,
  code: (path: string) => string | undefined,
  options: ts.CompilerOptions
) => {
  const host = ts.createCompilerHost(options)
  const folders = new Set([...files.keys()].map(dirname))
  return {
    ...host,
    fileExists: (path: string) => files.has(path) || host.fileExists(path),
    directoryExists: (path: string) => folders.has(path) || host.directoryExists?.(path) === true,
    readFile: (path: string) => code(path) ?? host.readFile(path),
    getSourceFile: (path: string, language: ts.ScriptTarget | ts.CreateSourceFileOptions) => {
      const text = code(path)
      return text === undefined
        ? host.getSourceFile(path, language)
        : ts.createSourceFile(path, text, language, true)
    }
  } satisfies ts.CompilerHost
}

/** One line per error, by the place of the snippet in the file that shows it; none when all compile. */
export const checkSnippets = (root: string, snippets: ReadonlyArray<Snippet>): ReadonlyArray<string> => {
  // They exist in memory only, in a folder from which `node_modules` of the repository is found.
  const files = new Map(snippets.map((snippet) => [
    join(root, "build/docs", `${snippet.path}.${snippet.line}.ts`),
    snippet
  ]))
  const options = optionsOf(root)
  const program = ts.createProgram({
    rootNames: [...files.keys()],
    options,
    host: hostWith(files, (path) => files.get(path)?.code, options)
  })
  return [...files].flatMap(([path, snippet]) => {
    const file = program.getSourceFile(path)
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map((diagnostic) => {
      const line = file?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? 0
      const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n  ")
      return `${snippet.path}:${snippet.line + line}: TS${diagnostic.code}: ${message}`
    })
  })
}
