/** The exports of a source file with their comments and fields, read without a type checker. */
import { dirname, join, normalize } from "node:path/posix"
import ts from "typescript"
import { read } from "./files.js"

/** A comment without its tags, and its `@example`. */
export interface Comment {
  readonly text: string
  readonly examples: ReadonlyArray<string>
  readonly isDeprecated: boolean
}

export interface Field extends Comment {
  readonly name: string
  readonly isOptional: boolean
  /** As it is written, without `| undefined`, and without what is there for the messages of the compiler. */
  readonly type: string
  /** The file that declares the field. */
  readonly file: string
}

interface Declared {
  readonly node: ts.InterfaceDeclaration | ts.TypeAliasDeclaration | ts.VariableStatement | ts.ClassDeclaration
}

interface Module {
  readonly file: ts.SourceFile
  readonly declared: ReadonlyMap<string, Declared>
  /** The names that other modules of the library declare, with the files. */
  readonly imported: ReadonlyMap<string, string>
}

const commentText = (comment: string | ts.NodeArray<ts.JSDocComment> | undefined): string =>
  (ts.getTextOfJSDocComment(comment) ?? "").replaceAll("*\\/", "*/").trim()

const commentOf = (node: ts.Node): Comment => {
  const docs = ts.getJSDocCommentsAndTags(node).filter((each) => ts.isJSDoc(each))
  const doc = docs.at(-1)
  const tags = doc?.tags ?? []
  return {
    text: commentText(doc?.comment),
    examples: tags.filter((tag) => tag.tagName.text === "example").map((tag) => commentText(tag.comment)),
    isDeprecated: tags.some((tag) => tag.tagName.text === "deprecated")
  }
}

const modules = new Map<string, Module>()

const moduleOf = (path: string): Module => {
  const known = modules.get(path)
  if (known !== undefined) return known
  const file = ts.createSourceFile(path, read(path), ts.ScriptTarget.ES2022, true)
  const declared = new Map<string, Declared>()
  const imported = new Map<string, string>()
  for (const node of file.statements) {
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) declared.set(node.name.text, { node })
    else if (ts.isClassDeclaration(node) && node.name !== undefined) declared.set(node.name.text, { node })
    else if (ts.isVariableStatement(node)) {
      for (const { name } of node.declarationList.declarations) {
        // A schema has the name of its type, which says more
        if (ts.isIdentifier(name) && !declared.has(name.text)) declared.set(name.text, { node })
      }
    } else if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const bindings = node.importClause?.namedBindings
      const specifier = node.moduleSpecifier.text
      if (bindings === undefined || !ts.isNamedImports(bindings) || !specifier.startsWith(".")) continue
      const target = normalize(join(dirname(path), specifier)).replace(/\.js$/, ".ts")
      for (const { name } of bindings.elements) imported.set(name.text, target)
    }
  }
  const module = { file, declared, imported }
  modules.set(path, module)
  return module
}

/** The file that declares a name which a file uses; undefined if it is not of the library. */
export const declaringFile = (path: string, name: string): string | undefined => {
  const module = moduleOf(path)
  return module.declared.has(name) ? path : module.imported.get(name)
}

/** The comment of an export of a file. */
export const commentAt = (path: string, name: string): Comment => {
  const found = moduleOf(path).declared.get(name)
  if (found === undefined) throw new Error(`${path} declares no ${name}`)
  return commentOf(found.node)
}

/** The classes of a file. */
export const classesOf = (path: string): ReadonlyArray<string> =>
  [...moduleOf(path).declared].filter(([, { node }]) => ts.isClassDeclaration(node)).map(([name]) => name)

const typeText = (node: ts.TypeNode | undefined, file: ts.SourceFile): string =>
  (node?.getText(file) ?? "unknown")
    .replace(/\s*\|\s*undefined$/, "")
    .replaceAll("(string & {})", "string")
    .replace(/\s*\|\s*\(\w+ & Hint<"[^"]*">\)/g, "")
    .replace(/\s+/g, " ")

const membersOf = (path: string, members: ts.NodeArray<ts.TypeElement>, file: ts.SourceFile): ReadonlyArray<Field> =>
  members.flatMap((member) =>
    ts.isPropertySignature(member)
      ? [{
        ...commentOf(member),
        name: ts.isStringLiteral(member.name) ? member.name.text : member.name.getText(file),
        isOptional: member.questionToken !== undefined,
        type: typeText(member.type, file),
        file: path
      }]
      : []
  )

/** The fields of an interface with those that it inherits, each once; none of a type that is no object. */
export const fieldsOf = (path: string, name: string): ReadonlyArray<Field> => {
  const { declared, file } = moduleOf(path)
  const node = declared.get(name)?.node
  const inherited = (type: ts.TypeNode | ts.ExpressionWithTypeArguments): ReadonlyArray<Field> => {
    const base = ts.isTypeReferenceNode(type)
      ? type.typeName
      : ts.isExpressionWithTypeArguments(type)
      ? type.expression
      : type
    const from = declaringFile(path, base.getText(file))
    return from === undefined ? [] : fieldsOf(from, base.getText(file))
  }
  if (node === undefined) return []
  if (ts.isTypeAliasDeclaration(node)) {
    return ts.isTypeLiteralNode(node.type) ? membersOf(path, node.type.members, file) : inherited(node.type)
  }
  if (!ts.isInterfaceDeclaration(node)) return []
  const fields = [
    ...membersOf(path, node.members, file),
    ...(node.heritageClauses ?? []).flatMap(({ types }) => types.flatMap(inherited))
  ]
  return fields.filter((field, index) => fields.findIndex((each) => each.name === field.name) === index)
}
