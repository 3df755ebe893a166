/** What the compiler wrote for users to read: their types must not depend on what another Effect version has not. */
import { dirname, join } from "node:path/posix"
import ts from "typescript"

/** A declaration file by its path below `dist`. */
export interface Declaration {
  readonly path: string
  readonly text: string
}

/** Modules whose types differ between Effect versions or leak the inside, so that public types do without them. */
const unwelcome = new Set([
  "effect/Channel",
  "effect/Chunk",
  "effect/Either",
  "effect/FiberRef",
  "effect/ParseResult",
  "effect/Runtime",
  "@effect/platform/HttpClientError",
  "effect",
  "@effect/platform"
])

/** The public modules, and those that they export the whole of. */
const shown = (declarations: ReadonlyArray<Declaration>, open: ReadonlyArray<string>): ReadonlySet<string> => {
  const texts = new Map(declarations.map(({ path, text }) => [path, text]))
  const found = new Set<string>()
  const add = (path: string): void => {
    const text = texts.get(path)
    if (text === undefined || found.has(path)) return
    found.add(path)
    for (const [, specifier = ""] of text.matchAll(/^export (?:type )?\* from "(\..+)\.js"/gm)) {
      add(join(dirname(path), `${specifier}.d.ts`))
    }
  }
  for (const module of open) add(`${module}.d.ts`)
  return found
}

const anyTypes = ({ path, text }: Declaration): ReadonlyArray<string> => {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
  const found: Array<string> = []
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file))
      found.push(`dist/${path}:${line + 1}: "any" in a public type`)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

const importProblem = (path: string, specifier: string): ReadonlyArray<string> => {
  if (unwelcome.has(specifier)) {
    return [`dist/${path}: a public type needs "${specifier}"; name the type differently or annotate the export`]
  }
  return specifier.startsWith(".") && (!specifier.endsWith(".js") || /(^|\/)(node_modules|src)\//.test(specifier))
    ? [`dist/${path}: "${specifier}" does not exist for users`]
    : []
}

/** One line per problem in the declarations of public modules; `open` names these below `dist`, without their endings. */
export const checkDeclarations = (
  declarations: ReadonlyArray<Declaration>,
  open: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const visible = shown(declarations, open)
  return declarations.filter(({ path }) => visible.has(path)).flatMap((declaration) => [
    ...ts.preProcessFile(declaration.text, true, true).importedFiles.flatMap(({ fileName }) =>
      importProblem(declaration.path, fileName)
    ),
    ...anyTypes(declaration)
  ])
}
