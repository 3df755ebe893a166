/** The smallest value that a schema accepts: what the server answers in the tests of all endpoints. */
import { type Node, viewOf } from "../../../src/internal/effect/schemaView.js"
import { tagOf } from "../../../src/schema/internal/openUnion.js"

export const sample = (node: Node): unknown => {
  const view = viewOf(node)
  switch (view.kind) {
    case "string":
      return "text"
    case "number":
      return 1
    case "boolean":
      return true
    case "any":
      return "anything"
    case "literal":
      return view.literal
    case "union":
      return sample(first(view.members, node))
    case "array":
      return []
    case "object":
      return Object.fromEntries(
        view.fields.filter(({ isOptional }) => !isOptional).map(({ name, node }) => [name, sample(node)])
      )
    case "declaration":
      return tagOf(node) === undefined ? fail(node) : sample(first(view.parameters, node))
    default:
      return fail(node)
  }
}

/** The items of a page: the type of what is in its list. */
export const itemOf = (page: Node): Node => {
  const outer = viewOf(page)
  const struct = outer.kind === "union"
    ? viewOf(first(outer.members, page))
    : outer.kind === "declaration"
    ? viewOf(first(outer.parameters, page))
    : outer
  const list = struct.kind === "object" ? struct.fields.find(({ name }) => name === "data")?.node : undefined
  if (list === undefined) return fail(page)
  const view = viewOf(list)
  const items = (view.kind === "union" ? view.members.map(viewOf) : [view])
    .flatMap((one) => one.kind === "array" ? [one.item] : [])
  return first(items, page)
}

const first = <A>(items: ReadonlyArray<A>, node: Node): A => items[0] ?? fail(node)

const fail = (node: Node): never => {
  throw new Error(`${node._tag} is not expected in an answer: ${String(node)}`)
}
