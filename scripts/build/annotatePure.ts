/** Tells bundlers which calls they may drop when nobody uses the result. */
import ts from "typescript"

const mark = "/*#__PURE__*/ "

/** Where calls start that run while the module loads to make a value: not those inside functions. */
const callsIn = (file: ts.SourceFile, root: ts.Node): ReadonlyArray<number> => {
  const found: Array<number> = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) found.push(node.getStart(file))
    ts.forEachChild(node, visit)
  }
  visit(root)
  return found
}

const valuesOf = (statement: ts.Statement): ReadonlyArray<ts.Node> => {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ initializer }) => initializer ?? [])
  }
  return ts.isClassDeclaration(statement)
    ? (statement.heritageClauses ?? []).flatMap((clause) => clause.types.map((type) => type.expression))
    : []
}

/**
 * Marks the calls that make the module-level values and base classes of an emitted module as pure, nested ones too:
 * one unmarked argument keeps the whole value in a bundle. Lines stay where they are.
 */
export const annotatePure = (code: string): string => {
  const file = ts.createSourceFile("module.js", code, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS)
  // A call of a call's result starts where the inner one does, and one mark serves both.
  const starts = new Set(file.statements.flatMap(valuesOf).flatMap((value) => callsIn(file, value)))
  return [...starts]
    .filter((start) => !/[#@]__PURE__\s*\*\/\s*$/.test(code.slice(Math.max(0, start - 40), start)))
    .sort((a, b) => b - a)
    .reduce((text, start) => text.slice(0, start) + mark + text.slice(start), code)
}
