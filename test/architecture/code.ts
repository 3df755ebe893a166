/** Rules about the code inside a file. Each returns one line per violation. */
import ts from "typescript"
import { lineOf, parse, type Source, visit } from "./sources.js"

const handLimit = 400
const generatedLimit = 600
const byHandAmongGenerated = [
  "src/schema/prelude.ts",
  "src/schema/guard.ts",
  "src/schema/jsonSchema.ts",
  "src/schema/OpenUnion.ts"
]

const isGenerated = (path: string): boolean =>
  /^src\/(schema|services\/endpoints)\/[^/]+\.ts$/.test(path) && !byHandAmongGenerated.includes(path)

/** Comments of generated files are sentences of tables, and do not count. */
const isComment = (line: string): boolean => /^\s*(\/\*\*|\*)/.test(line)

/** Every file fits into a few screens. */
export const length = (sources: ReadonlyArray<Source>): ReadonlyArray<string> =>
  sources.flatMap(({ path, text }) => {
    const all = text.replace(/\n$/, "").split("\n")
    const lines = isGenerated(path) ? all.filter((line) => !isComment(line)).length : all.length
    const limit = isGenerated(path) ? generatedLimit : handLimit
    return lines > limit ? [`${path}: ${lines} lines, the limit is ${limit}; split it by idea`] : []
  })

const isReason = (line: string | undefined): boolean => line !== undefined && /(^|\s)\/\/ \S/.test(line)

const statementOf = (node: ts.Node): ts.Node =>
  ts.isStatement(node) || ts.isClassElement(node) || node.parent === undefined ? node : statementOf(node.parent)

const isCast = (node: ts.Node): node is ts.AsExpression | ts.TypeAssertion | ts.NonNullExpression =>
  ts.isTypeAssertionExpression(node) || ts.isNonNullExpression(node) ||
  (ts.isAsExpression(node) && !ts.isConstTypeReference(node.type))

/**
 * Each cast has a comment with its reason: on its line, on the line above it, or above its statement.
 */
export const casts = (sources: ReadonlyArray<Source>): ReadonlyArray<string> =>
  sources.flatMap((source) => {
    const file = parse(source)
    const lines = source.text.split("\n")
    const found: Array<string> = []
    visit(file, (node) => {
      if (!isCast(node)) return
      const end = file.getLineAndCharacterOfPosition(node.getEnd()).line + 1
      const places = [lineOf(file, node), end, lineOf(file, statementOf(node))]
      const explained = places.some((line) => isReason(lines[line - 1]) || /^\s*\/\/ \S/.test(lines[line - 2] ?? ""))
      if (!explained) found.push(`${source.path}:${end}: a cast without a comment that says why`)
    })
    lines.forEach((line, index) => {
      if (/@ts-(ignore|nocheck|expect-error)/.test(line)) {
        found.push(`${source.path}:${index + 1}: a compiler error is silenced; fix it or cast with a reason`)
      }
    })
    return found
  })

const tagText = (tag: ts.JSDocTag): string => ts.getTextOfJSDocComment(tag.comment)?.trim() ?? ""

const documentationProblem = (declaration: ts.Node): string | undefined => {
  const blocks = ts.getJSDocCommentsAndTags(declaration).filter(ts.isJSDoc)
  const tags = ts.getJSDocTags(declaration)
  const has = (name: string) => tags.some((tag) => tag.tagName.text === name && tagText(tag) !== "")
  if (tags.some((tag) => tag.tagName.text === "internal")) return undefined
  if (!blocks.some((block) => (ts.getTextOfJSDocComment(block.comment) ?? "").trim() !== "")) return "a sentence"
  if (!has("since")) return "@since"
  return has("category") ? undefined : "@category"
}

const isExported = (statement: ts.Statement): boolean =>
  ts.canHaveModifiers(statement) &&
  (ts.getModifiers(statement) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)

const declarationsIn = (statement: ts.Statement): ReadonlyArray<{ readonly name: string; readonly node: ts.Node }> => {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap((node) =>
      ts.isIdentifier(node.name) ? [{ name: node.name.text, node }] : []
    )
  }
  const named = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement) || ts.isModuleDeclaration(statement) ||
    ts.isEnumDeclaration(statement)
  return named && statement.name !== undefined ? [{ name: statement.name.text, node: statement }] : []
}

const exportedNames = (statement: ts.Statement): ReadonlyArray<string> => {
  if (isExported(statement)) return declarationsIn(statement).map(({ name }) => name)
  return ts.isExportDeclaration(statement) && statement.moduleSpecifier === undefined &&
      statement.exportClause !== undefined && ts.isNamedExports(statement.exportClause)
    ? statement.exportClause.elements.map((element) => (element.propertyName ?? element.name).text)
    : []
}

/**
 * Each export has a sentence, `@since` and `@category`, unless it is marked `@internal`. A type and a value of one name share
 * a comment; a re-export is documented in its own module.
 */
export const documentation = (sources: ReadonlyArray<Source>): ReadonlyArray<string> =>
  sources.flatMap((source) => {
    const file = parse(source)
    const declared = file.statements.flatMap(declarationsIn)
    return [...new Set(file.statements.flatMap(exportedNames))].flatMap((name) => {
      const nodes = declared.filter((declaration) => declaration.name === name).map(({ node }) => node)
      const problems = nodes.map(documentationProblem)
      const [first] = nodes
      return first === undefined || problems.includes(undefined)
        ? []
        : [`${source.path}:${lineOf(file, first)}: "${name}" lacks ${problems[0] ?? ""} in its doc comment`]
    })
  })

/** No test is skipped, singled out or left for later. `skipIf` and `runIf` are allowed, because they name a condition. */
export const everyTestRuns = (sources: ReadonlyArray<Source>): ReadonlyArray<string> =>
  sources.flatMap((source) => {
    const file = parse(source)
    const found: Array<string> = []
    visit(file, (node) => {
      if (
        ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) &&
        ["skip", "only", "todo", "fails"].includes(node.expression.name.text) &&
        /^(it|test|describe)\b/.test(node.expression.expression.getText(file))
      ) {
        found.push(`${source.path}:${lineOf(file, node)}: ${node.expression.getText(file)}`)
      }
    })
    return found
  })
