/** What the compiler wrote for users to read: their types must not depend on what another Effect version has not. */
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

const isInternal = (path: string): boolean => /(^|\/)internal\//.test(path)

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

/** One line per problem in the public declarations. */
export const checkDeclarations = (declarations: ReadonlyArray<Declaration>): ReadonlyArray<string> =>
  declarations.filter(({ path }) => !isInternal(path)).flatMap((declaration) => [
    ...ts.preProcessFile(declaration.text, true, true).importedFiles.flatMap(({ fileName }) =>
      importProblem(declaration.path, fileName)
    ),
    ...anyTypes(declaration)
  ])
