/**
 * What the declarations call by name: users must be able to name each type that a public type mentions, or the compiler
 * cannot write it into declarations of their own (TS2742), and each name has one address, so that nobody has to choose.
 */
import ts from "typescript"
import type { Declaration } from "./declarations.js"

const folder = "/dist/"

const programOf = (declarations: ReadonlyArray<Declaration>): ts.Program => {
  const files = new Map(declarations.map(({ path, text }) => [folder + path, text]))
  // Only the names of this library matter: other packages, and the types of the language, are not looked for
  const host: ts.CompilerHost = {
    fileExists: (path) => files.has(path),
    readFile: (path) => files.get(path),
    getSourceFile: (path, language) => {
      const text = files.get(path)
      return text === undefined ? undefined : ts.createSourceFile(path, text, language, true)
    },
    getDefaultLibFileName: () => "lib.d.ts",
    getCurrentDirectory: () => folder,
    getCanonicalFileName: (path) => path,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    writeFile: () => {}
  }
  const options = { noLib: true, types: [], module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022 }
  return ts.createProgram([...files.keys()], options, host)
}

const isExported = (node: ts.Node): boolean =>
  ts.isVariableDeclaration(node)
    ? isExported(node.parent.parent)
    : ts.canHaveModifiers(node) &&
      ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true

const isInternal = (node: ts.Node): boolean => ts.getJSDocTags(node).some(({ tagName }) => tagName.text === "internal")

const moduleOf = (node: ts.Node): string => node.getSourceFile().fileName.slice(folder.length, -".d.ts".length)

/** One line for each name with two addresses, and for each that a public type mentions and that has no address. */
export const checkNames = (
  declarations: ReadonlyArray<Declaration>,
  open: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const program = programOf(declarations)
  const checker = program.getTypeChecker()
  const original = (symbol: ts.Symbol): ts.Symbol =>
    (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol)

  const addresses = new Map<ts.Symbol, Array<string>>()
  for (const path of open) {
    const file = program.getSourceFile(`${folder}${path}.d.ts`)
    const module = file === undefined ? undefined : checker.getSymbolAtLocation(file)
    for (const exported of module === undefined ? [] : checker.getExportsOfModule(module)) {
      const symbol = original(exported)
      const isNamespace = symbol.declarations?.some(ts.isSourceFile) === true
      if (symbol.declarations === undefined || isNamespace) continue
      addresses.set(symbol, [...(addresses.get(symbol) ?? []), `${path}.${exported.name}`])
    }
  }

  const mentioned = new Map<ts.Symbol, string>()
  const visit = (node: ts.Node, by: string): void => {
    if (ts.isIdentifier(node)) {
      const named = checker.getSymbolAtLocation(node)
      const symbol = named === undefined ? undefined : original(named)
      const declaration = symbol?.declarations?.[0]
      if (
        symbol !== undefined && declaration !== undefined && !addresses.has(symbol) && !mentioned.has(symbol) &&
        isExported(declaration) && !isInternal(declaration) && !open.includes(moduleOf(declaration))
      ) mentioned.set(symbol, by)
    }
    ts.forEachChild(node, (child) => visit(child, by))
  }
  for (const [symbol, [address = ""]] of addresses) {
    for (const declaration of symbol.declarations ?? []) {
      if (!isInternal(declaration)) visit(declaration, address)
    }
  }

  return [
    ...[...addresses.values()].filter(({ length }) => length > 1).map((names) =>
      `${names.join(" and ")} are the same: export it from one module`
    ),
    ...[...mentioned].map(([symbol, by]) =>
      `${by} mentions "${symbol.name}" of ${symbol.declarations?.map(moduleOf)[0]}, which users cannot import: ` +
      "export it from a public module"
    )
  ]
}
