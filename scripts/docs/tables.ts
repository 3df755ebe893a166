/** What the documentation must list, so that nothing public is left out: options, events and namespaces. */
import ts from "typescript"
import type { Page } from "./links.js"

const parse = (text: string): ts.SourceFile => ts.createSourceFile("module.ts", text, ts.ScriptTarget.ES2022, true)

const interfaces = (text: string): ReadonlyArray<ts.InterfaceDeclaration> =>
  parse(text).statements.filter(ts.isInterfaceDeclaration)

/** The names of the fields that an interface declares itself. */
export const fieldsOf = (text: string, name: string): ReadonlyArray<string> =>
  interfaces(text).filter((one) => one.name.text === name).flatMap(({ members }) =>
    members.flatMap((member) => member.name !== undefined && ts.isIdentifier(member.name) ? member.name.text : [])
  )

/** The literals of the field `type` in the interfaces of a module, each once. Only events have a dot in it. */
export const eventsOf = (text: string): ReadonlyArray<string> => [
  ...new Set(
    interfaces(text).flatMap(({ members }) =>
      members.flatMap((member) =>
        ts.isPropertySignature(member) && member.name.getText() === "type" && member.type !== undefined &&
          ts.isLiteralTypeNode(member.type) && ts.isStringLiteral(member.type.literal) &&
          member.type.literal.text.includes(".")
          ? member.type.literal.text
          : []
      )
    )
  )
]

/** The names in code that the first column of a page's tables lists. */
const listed = (text: string): ReadonlySet<string> =>
  new Set(
    text.split("\n").flatMap((line) => {
      const cell = /^\|([^|]*)\|/.exec(line)?.[1] ?? ""
      return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name)
    })
  )

/** One line for each name without a row in the tables of a page. */
export const checkRows = (page: Page, kind: string, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const rows = listed(page.text)
  return names.filter((name) => !rows.has(name)).map((name) =>
    `${page.path}: the ${kind} \`${name}\` has no row in a table`
  )
}

/** One line for each namespace that no page mentions in code. */
export const checkMentions = (pages: ReadonlyArray<Page>, namespaces: ReadonlyArray<string>): ReadonlyArray<string> => {
  const code = pages.map(({ text }) => text).join("\n")
  return namespaces
    .filter((name) => !new RegExp(`(\`|[^\\w./"-])${name}(\\.\\w|\`)`).test(code))
    .map((name) => `the documentation never mentions ${name}: show what it is for`)
}
