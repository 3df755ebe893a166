/** The TypeScript files of the repository and their imports, for the rules in this folder. */
import { readdirSync, readFileSync, statSync } from "node:fs"
import * as Path from "node:path/posix"
import { fileURLToPath } from "node:url"
import ts from "typescript"

/** A file by its path from the root of the repository, with `/` between folders. */
export interface Source {
  readonly path: string
  readonly text: string
}

/** One import, re-export, `import()` or `import("x").Y`. `type` ones are gone at run time, `lazy` ones load later. */
export interface Import {
  readonly specifier: string
  readonly line: number
  readonly kind: "value" | "type" | "lazy"
}

export const root: string = fileURLToPath(new URL("../..", import.meta.url))

const filesBelow = (folder: string): ReadonlyArray<string> => {
  const absolute = Path.join(root, folder)
  if (statSync(absolute, { throwIfNoEntry: false }) === undefined) return []
  return readdirSync(absolute, { withFileTypes: true })
    .filter((entry) => entry.name !== "node_modules")
    .flatMap((entry) => {
      const path = Path.join(folder, entry.name)
      return entry.isDirectory() ? filesBelow(path) : [path]
    })
    .sort()
}

/** Every TypeScript file below a folder. A missing folder has no files. */
export const readSources = (folder: string): ReadonlyArray<Source> =>
  filesBelow(folder)
    .filter((path) => path.endsWith(".ts"))
    .map((path) => ({ path, text: readFileSync(Path.join(root, path), "utf8") }))

const parsed = new WeakMap<Source, ts.SourceFile>()

export const parse = (source: Source): ts.SourceFile => {
  const known = parsed.get(source)
  if (known !== undefined) return known
  const file = ts.createSourceFile(source.path, source.text, ts.ScriptTarget.ES2022, true)
  parsed.set(source, file)
  return file
}

/** The line of a node, counted from 1. */
export const lineOf = (file: ts.SourceFile, node: ts.Node): number =>
  file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1

/** Visits every node of a file, parents first. */
export const visit = (file: ts.SourceFile, f: (node: ts.Node) => void): void => {
  const go = (node: ts.Node): void => {
    f(node)
    ts.forEachChild(node, go)
  }
  go(file)
}

const specifierOf = (node: ts.Node): { readonly at: ts.Node | undefined; readonly kind: Import["kind"] } => {
  if (ts.isImportDeclaration(node)) {
    return { at: node.moduleSpecifier, kind: node.importClause?.isTypeOnly === true ? "type" : "value" }
  }
  if (ts.isExportDeclaration(node)) {
    return { at: node.moduleSpecifier, kind: node.isTypeOnly ? "type" : "value" }
  }
  if (ts.isImportTypeNode(node)) {
    return { at: ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, kind: "type" }
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return { at: node.arguments[0], kind: "lazy" }
  }
  return { at: undefined, kind: "value" }
}

export const importsOf = (source: Source): ReadonlyArray<Import> => {
  const file = parse(source)
  const found: Array<Import> = []
  visit(file, (node) => {
    const { at, kind } = specifierOf(node)
    if (at !== undefined && ts.isStringLiteralLike(at)) {
      found.push({ specifier: at.text, line: lineOf(file, at), kind })
    }
  })
  return found
}

/** The file of a relative import; undefined for a package. */
export const target = (source: Source, specifier: string): string | undefined =>
  specifier.startsWith(".")
    ? Path.join(Path.dirname(source.path), specifier).replace(/\.js$/, ".ts")
    : undefined

/** A member of an imported module: `Effect.map` of `import * as Effect`, or `map` of `import { map }`. */
export interface Member {
  readonly specifier: string
  readonly member: string
  readonly line: number
}

/** The members of packages that a file names. */
export const membersOf = (source: Source): ReadonlyArray<Member> => {
  const file = parse(source)
  const namespaces = new Map<string, string>()
  const found: Array<Member> = []
  visit(file, (node) => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const specifier = node.moduleSpecifier.text
      const bindings = node.importClause?.namedBindings
      if (bindings === undefined) return
      if (ts.isNamespaceImport(bindings)) namespaces.set(bindings.name.text, specifier)
      else {
        for (const { name, propertyName } of bindings.elements) {
          found.push({ specifier, member: (propertyName ?? name).text, line: lineOf(file, name) })
        }
      }
      return
    }
    const access = ts.isPropertyAccessExpression(node)
      ? { of: node.expression, name: node.name }
      : ts.isQualifiedName(node)
      ? { of: node.left, name: node.right }
      : undefined
    const specifier = access !== undefined && ts.isIdentifier(access.of) ? namespaces.get(access.of.text) : undefined
    if (access !== undefined && specifier !== undefined) {
      found.push({ specifier, member: access.name.text, line: lineOf(file, access.name) })
    }
  })
  return found
}
