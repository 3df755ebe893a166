/** Writes a file of the Effect 3 edition as one of the Effect 4 edition. Every line keeps its number. */
import ts from "typescript"
import { calls, decoder, type Edit, methodCalls, service, services } from "./rules.js"
import { members, methods, modules, properties, propertiesBeside, speaksOf, testModules, texts } from "./table.js"

/** The modules of the packages whose entries list namespaces: `import { Effect } from "effect"`. */
const barrels: ReadonlyArray<string> = ["effect", "@effect/ai", "@effect/platform", "@effect/platform-node"]

/** What the local names of a file stand for. */
interface Names {
  /** The module of a namespace. */
  readonly namespaces: ReadonlyMap<string, string>
  /** The module and the member of an imported name. */
  readonly imported: ReadonlyMap<string, readonly [module: string, member: string]>
}

const lastOf = (module: string): string => module.slice(module.lastIndexOf("/") + 1)

const renamed = (module: string, member: string): string | undefined => {
  const table = members[module]
  return table !== undefined && Object.hasOwn(table, member) ? table[member] : undefined
}

/** The module whose rows hold for an import: generated files import constructors of schemas from `prelude`. */
const moduleOf = (specifier: string): string => specifier.endsWith("/prelude.js") ? "schema/prelude" : specifier

const namesOf = (file: ts.SourceFile): Names => {
  const namespaces = new Map<string, string>()
  const imported = new Map<string, readonly [string, string]>()
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue
    const module = moduleOf(statement.moduleSpecifier.text)
    const bindings = statement.importClause?.namedBindings
    if (bindings === undefined) continue
    if (ts.isNamespaceImport(bindings)) namespaces.set(bindings.name.text, module)
    else {
      for (const element of bindings.elements) {
        const member = (element.propertyName ?? element.name).text
        if (barrels.includes(module)) namespaces.set(element.name.text, `${module}/${member}`)
        else imported.set(element.name.text, [module, member])
      }
    }
  }
  return { namespaces, imported }
}

/** All names that a file declares, imports or uses, but for names of members. */
const takenNames = (file: ts.SourceFile): ReadonlySet<string> => {
  const taken = new Set<string>()
  const look = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && isReference(node)) taken.add(node.text)
    ts.forEachChild(node, look)
  }
  look(file)
  return taken
}

/** The new names of namespaces whose modules have another name: `Either` to `Result`, unless the file has one. */
const newNamespaces = ({ namespaces }: Names, taken: ReadonlySet<string>): ReadonlyMap<string, string> =>
  new Map(
    [...namespaces].flatMap(([name, module]) => {
      const to = modules[module]
      const last = to === undefined ? name : lastOf(to)
      // As the sources call it: the name of the global is taken
      const wanted = last === "Array" ? "Arr" : last
      const isFree = wanted !== name && !taken.has(wanted) && /^[A-Z]\w*$/.test(wanted)
      return name === lastOf(module) && isFree ? [[name, wanted] as const] : []
    })
  )

const replace = (node: ts.Node, text: string): Edit => ({ start: node.getStart(), end: node.getEnd(), text })

const movedTo = (module: string): string => modules[module] ?? module

const entryOf = (module: string): string => module.slice(0, module.lastIndexOf("/"))

/** Whether Effect 4 has a namespace that a file imports from `effect` in another entry, such as `effect/testing`. */
const hasMoved = (bindings: ts.NamedImports): boolean =>
  bindings.elements.some(({ name, propertyName }) =>
    entryOf(movedTo(`effect/${(propertyName ?? name).text}`)) !== "effect"
  )

/** `import { FileSystem } from "@effect/platform"` to the entry of Effect 4 that has the module. */
const barrelImport = (
  statement: ts.ImportDeclaration,
  barrel: string,
  spaces: ReadonlyMap<string, string>
): ReadonlyArray<Edit> => {
  const bindings = statement.importClause?.namedBindings
  if (bindings === undefined || !ts.isNamedImports(bindings)) return []
  const byEntry = new Map<string, Array<string>>()
  for (const element of bindings.elements) {
    const member = (element.propertyName ?? element.name).text
    const to = movedTo(`${barrel}/${member}`)
    const entry = entryOf(to)
    const name = spaces.get(element.name.text) ?? element.name.text
    const local = name === lastOf(to) ? name : `${lastOf(to)} as ${name}`
    byEntry.set(entry, [...byEntry.get(entry) ?? [], local])
  }
  const lines = statement.getText().split("\n").length - 1
  const imports = [...byEntry].map(([entry, names]) => `import { ${names.join(", ")} } from "${entry}"`)
  return [replace(statement, imports.join("; ") + "\n".repeat(lines))]
}

/** Whether the namespaces of an import stand in other entries. */
const isSplit = ({ importClause, moduleSpecifier }: ts.ImportDeclaration): boolean => {
  const bindings = importClause?.namedBindings
  if (bindings === undefined || !ts.isNamedImports(bindings) || !ts.isStringLiteral(moduleSpecifier)) return false
  return moduleSpecifier.text !== "effect" || hasMoved(bindings)
}

const modulesFor = (path: string): Readonly<Record<string, string>> => path.startsWith("test/") ? testModules : modules

const specifierEdits = (file: ts.SourceFile, spaces: ReadonlyMap<string, string>): ReadonlyArray<Edit> => {
  const names = modulesFor(file.fileName)
  const edits: Array<Edit> = []
  const look = (node: ts.Node): void => {
    if (
      ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier) &&
      barrels.includes(node.moduleSpecifier.text) && isSplit(node)
    ) {
      edits.push(...barrelImport(node, node.moduleSpecifier.text, spaces))
      return
    }
    const isPlace = node.parent !== undefined &&
      (ts.isImportDeclaration(node.parent) || ts.isExportDeclaration(node.parent) ||
        (ts.isLiteralTypeNode(node.parent) && ts.isImportTypeNode(node.parent.parent)) ||
        (ts.isCallExpression(node.parent) && node.parent.expression.kind === ts.SyntaxKind.ImportKeyword))
    if (isPlace && ts.isStringLiteral(node)) {
      const to = names[node.text]
      if (to !== undefined) edits.push({ start: node.getStart() + 1, end: node.getEnd() - 1, text: to })
    }
    ts.forEachChild(node, look)
  }
  look(file)
  return edits
}

/** Whether an identifier refers to a value or a type in scope, and is not merely the name of a member. */
const isReference = (node: ts.Identifier): boolean => {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.name !== node
  if (ts.isQualifiedName(parent)) return parent.right !== node
  if (ts.isImportSpecifier(parent) || ts.isNamespaceImport(parent)) return false
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node
  return !(ts.isPropertySignature(parent) || ts.isPropertyDeclaration(parent) || ts.isMethodDeclaration(parent)) ||
    parent.name !== node
}

const importEdits = (
  file: ts.SourceFile,
  spaces: ReadonlyMap<string, string>,
  taken: ReadonlySet<string>
): ReadonlyArray<Edit> =>
  file.statements.filter(ts.isImportDeclaration).flatMap((statement) => {
    const bindings = statement.importClause?.namedBindings
    if (bindings === undefined || !ts.isStringLiteral(statement.moduleSpecifier)) return []
    const module = moduleOf(statement.moduleSpecifier.text)
    if (ts.isNamespaceImport(bindings)) {
      const to = spaces.get(bindings.name.text)
      return to === undefined ? [] : [replace(bindings.name, to)]
    }
    if (barrels.includes(module)) {
      return isSplit(statement) ? [] : bindings.elements.flatMap((element) => {
        const to = spaces.get(element.name.text)
        return to === undefined ? [] : [replace(element, to)]
      })
    }
    return bindings.elements.flatMap((element) => {
      const member = element.propertyName ?? element.name
      const to = renamed(module, member.text)
      if (to === undefined) return []
      return element.propertyName === undefined && taken.has(to)
        ? [replace(member, `${to} as ${member.text}`)]
        : [replace(member, to)]
    })
  })

/** Members of namespaces: `Effect.catchAll`, and types such as `Effect.Effect.Success`. */
const memberEdit = (names: Names, node: ts.Node): Edit | undefined => {
  if (ts.isQualifiedName(node) && ts.isQualifiedName(node.left) && ts.isIdentifier(node.left.left)) {
    const module = names.namespaces.get(node.left.left.text)
    const to = module === undefined ? undefined : renamed(module, `${node.left.right.text}.${node.right.text}`)
    if (to !== undefined) return { start: node.left.right.getStart(), end: node.getEnd(), text: to }
  }
  const [space, member] = ts.isPropertyAccessExpression(node)
    ? [node.expression, node.name]
    : ts.isQualifiedName(node)
    ? [node.left, node.right]
    : []
  if (space === undefined || member === undefined || !ts.isIdentifier(space)) return undefined
  const isPart = ts.isQualifiedName(node.parent) && node.parent.left === node
  const module = names.namespaces.get(space.text)
  const to = module === undefined ||
      (isPart && renamed(module, `${member.text}.${node.parent.right.text}`) !== undefined)
    ? undefined
    : renamed(module, member.text)
  return to === undefined ? undefined : replace(member, to)
}

/** Whether a node is a type of a module, such as `Schema.Schema<A>`. */
const isType = ({ namespaces }: Names, node: ts.Node, module: string, member: string): boolean =>
  ts.isTypeReferenceNode(node) && ts.isQualifiedName(node.typeName) && ts.isIdentifier(node.typeName.left) &&
  node.typeName.right.text === member && namespaces.get(node.typeName.left.text) === module

const methodOf = (name: string): string | undefined => Object.hasOwn(methods, name) ? methods[name] : undefined

/** `it.scoped` and `it.scopedLive`: in Effect 4 every test has a scope. */
const isScopedTest = ({ imported }: Names, node: ts.Node): node is ts.PropertyAccessExpression =>
  ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "it" &&
  ["scoped", "scopedLive"].includes(node.name.text) &&
  [...imported.values()].some(([module]) => module === "@effect/vitest")

/** The modules whose values a file uses: those that it imports, and those that members of others return. */
const modulesSpokenOf = (file: ts.SourceFile, { namespaces }: Names): ReadonlyArray<string> => {
  const found = new Set(namespaces.values())
  const look = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
      const table = speaksOf[namespaces.get(node.expression.text) ?? ""] ?? {}
      const module = Object.hasOwn(table, node.name.text) ? table[node.name.text] : undefined
      if (module !== undefined) found.add(module)
    }
    ts.forEachChild(node, look)
  }
  look(file)
  return [...found]
}

const isSpace = ({ namespaces }: Names, node: ts.Node, module: string): boolean =>
  ts.isIdentifier(node) && namespaces.get(node.text) === module

const callEdits = (names: Names, node: ts.CallExpression): ReadonlyArray<Edit> => {
  const { expression } = node
  const method = ts.isPropertyAccessExpression(expression) ? expression.name.text : ""
  if (Object.hasOwn(methodCalls, method)) return methodCalls[method]?.(node) ?? []
  const [module, member] = ts.isPropertyAccessExpression(expression) && ts.isIdentifier(expression.expression)
    ? [names.namespaces.get(expression.expression.text), expression.name.text]
    : ts.isIdentifier(expression)
    ? names.imported.get(expression.text) ?? []
    : []
  if (module === undefined || member === undefined) return []
  const rules = calls[module]
  const rule = rules !== undefined && Object.hasOwn(rules, member) ? rules[member] : undefined
  return rule?.(node) ?? []
}

const edited = (text: string, edits: ReadonlyArray<Edit>, path: string): string => {
  const parts: Array<string> = []
  let at = 0
  for (const { end, start, text: by } of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < at) throw new Error(`${path}: two rules change the same text, "${text.slice(start, end)}"`)
    parts.push(text.slice(at, start), by)
    const lost = text.slice(start, end).split("\n").length - by.split("\n").length
    if (lost > 0) parts.push("\n".repeat(lost))
    at = end
  }
  return [...parts, text.slice(at)].join("")
}

/**
 * The file for Effect 4. Adjacent insertions keep the order of the nodes that they belong to; a node that one rule
 * replaces as a whole is not looked into.
 */
export const codeFor4 = (path: string, text: string): string => {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
  const names = namesOf(file)
  const taken = takenNames(file)
  const spaces = newNamespaces(names, taken)
  const spoken = modulesSpokenOf(file, names)
  const ofValues = new Map([
    ...Object.entries(properties),
    ...spoken.flatMap((module) => Object.entries(propertiesBeside[module] ?? {}))
  ])
  const ofTexts = new Map(spoken.flatMap((module) => Object.entries(texts[module] ?? {})))
  const edits: Array<Edit> = [...specifierEdits(file, spaces), ...importEdits(file, spaces, taken)]
  const look = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) return
    const isContext = (name: ts.Node): boolean => isSpace(names, name, "effect/Context")
    const whole = [...service(node, isContext), ...services(node)]
    if (whole.length > 0) {
      edits.push(...whole)
      return
    }
    const member = memberEdit(names, node)
    if (member !== undefined) edits.push(member)
    if (ts.isCallExpression(node)) {
      const changes = callEdits(names, node)
      edits.push(...changes)
      if (changes.some(({ end, start }) => start === node.getStart() && end === node.getEnd())) return
    }
    if (isType(names, node, "effect/Schema", "Schema")) edits.push(...decoder(node))
    if (ts.isPropertyAccessExpression(node) && member === undefined) {
      const isCalled = ts.isCallExpression(node.parent) && node.parent.expression === node
      const to = ofValues.get(node.name.text) ?? (isCalled ? methodOf(node.name.text) : undefined)
      if (to !== undefined) edits.push(replace(node.name, to))
    }
    if (ts.isPropertyAssignment(node) && node.name.getText() === "disableValidation") {
      edits.push(replace(node.name, "disableChecks"))
    }
    if (ts.isStringLiteral(node) && ofTexts.has(node.text)) edits.push(replace(node, `"${ofTexts.get(node.text)}"`))
    if (isScopedTest(names, node)) edits.push(replace(node.name, node.name.text === "scoped" ? "effect" : "live"))
    if (ts.isIdentifier(node) && isReference(node)) {
      const to = spaces.get(node.text) ?? newName(names, node.text, taken)
      if (to !== undefined) edits.push(replace(node, to))
    }
    ts.forEachChild(node, look)
  }
  look(file)
  return edited(text, edits, path)
}

/** The new name of an imported member that the file uses under its own name. */
const newName = ({ imported }: Names, local: string, taken: ReadonlySet<string>): string | undefined => {
  const [module, member] = imported.get(local) ?? []
  const to = module === undefined || member !== local ? undefined : renamed(module, member)
  return to === undefined || taken.has(to) ? undefined : to
}
