/** Finds the messages of the library in its sources. */
import ts from "typescript"

/** Where a message goes: into an error, a defect, a log, or anywhere else, such as to the model. */
export type Kind = "error" | "defect" | "log" | "text"

export interface Message {
  readonly line: number
  readonly kind: Kind
  /** The text, with expressions in braces. */
  readonly text: string
}

/**
 * All texts of a file that are sentences: strings and templates, joined where the code joins them. The words of types, imports
 * and comments are none.
 */
export const messagesOf = (path: string, text: string): ReadonlyArray<Message> => {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const found: Array<Message> = []
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return
    const text = ts.isExpression(node) ? textOf(node) : undefined
    if (text === undefined) return ts.forEachChild(node, visit)
    if (isSentence(text)) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file))
      found.push({ line: line + 1, kind: kindOf(node), text })
    }
    visitExpressions(node, visit)
  }
  visit(file)
  return found
}

const textOf = (node: ts.Expression): string | undefined => {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text
  if (ts.isTemplateExpression(node)) {
    return node.head.text +
      node.templateSpans.map(({ expression, literal }) => hole(expression) + literal.text).join("")
  }
  if (ts.isParenthesizedExpression(node)) return textOf(node.expression)
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const left = textOf(node.left)
    const right = textOf(node.right)
    return left === undefined && right === undefined
      ? undefined
      : (left ?? hole(node.left)) + (right ?? hole(node.right))
  }
  return undefined
}

const hole = (node: ts.Expression): string => textOf(node) ?? `{${node.getText().replace(/\s+/g, " ")}}`

/** Looks for messages within the expressions of a message, but not again for its own text. */
const visitExpressions = (node: ts.Node, visit: (node: ts.Node) => void): void => {
  if (ts.isTemplateExpression(node)) { for (const { expression } of node.templateSpans) visit(expression) }
  else if (ts.isParenthesizedExpression(node)) visitExpressions(node.expression, visit)
  else if (ts.isBinaryExpression(node)) {
    for (const side of [node.left, node.right]) {
      if (textOf(side) === undefined) visit(side)
      else visitExpressions(side, visit)
    }
  }
}

/** Three words, or two that end as a sentence does. */
const isSentence = (text: string): boolean => {
  const words = text.replace(/\{[^}]*\}/g, "x").split(/\s+/).filter((word) => /^[("`]*[A-Za-z]/.test(word))
  return words.length > 2 || words.length === 2 && /[.:]$/.test(text)
}

const kindOf = (node: ts.Node): Kind => {
  for (let at: ts.Node = node; !ts.isSourceFile(at); at = at.parent) {
    if (ts.isNewExpression(at)) {
      if (at.expression.getText().endsWith("Error")) {
        return /^(Type|Range)?Error$/.test(at.expression.getText())
          ? "defect"
          : "error"
      }
    }
    if (ts.isCallExpression(at)) {
      const called = at.expression.getText()
      if (/\.log\w*$/.test(called)) return "log"
      if (/\.die\w*$/.test(called)) return "defect"
      if (/(^invalid|[iI]nvalid\w*|[eE]rror|fail\w*)$/.test(called)) return "error"
    }
  }
  return "text"
}
