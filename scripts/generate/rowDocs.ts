/** What the comment of a row says beside its sentence: the request, the key, the cost, OpenRouter's page, an example. */
import { errorClassByStatus } from "../../src/http/OpenRouterError.js"
import { route } from "./describe.js"
import { own, refuse } from "./json.js"
import type { Operation } from "./operations.js"
import type { OperationShape } from "./spec.js"
import { fileOf, type Tables } from "./tables.js"

const keyOf = ({ auth, needsManagementKey }: OperationShape): string =>
  needsManagementKey
    ? "Needs a management key."
    : auth === "none"
    ? "Is sent without a key."
    : auth === "optional"
    ? "Also works without a key."
    : "Needs a key."

const costOf = ({ operation, paid }: Operation): string =>
  operation !== undefined || paid === true ? " Costs money, unless the model is free." : ""

const slug = (title: string): string => title.toLowerCase().replace(/[,.'()]/g, "").trim().replace(/\s+/g, "-")

/** OpenRouter has a page for each operation of its document. */
const pageOf = (tables: Tables, { id, summary, tag }: OperationShape): ReadonlyArray<string> =>
  tag === undefined || summary === undefined || fileOf(tables, id) === "supplement.ts"
    ? []
    : [`OpenRouter's page: https://openrouter.ai/docs/api/api-reference/${slug(tag)}/${slug(summary)}`]

/** The paragraphs below the sentence of a row. */
export const remarksOf = (tables: Tables, shape: OperationShape, table: Operation): ReadonlyArray<string> => [
  `${route(shape)}. ${keyOf(shape)}${costOf(table)}`,
  ...pageOf(tables, shape)
]

/** The lines of the example of a row, if it has one. */
export const exampleOf = ({ examples = {} }: Tables, name: string): ReadonlyArray<string> => {
  const code = own(examples, name)
  return code === undefined ? [] : [
    " * @example",
    " * ```ts",
    ...code.trim().split("\n").map((line) => line === "" ? " *" : ` * ${line}`),
    " * ```",
    " *"
  ]
}

/** Every example belongs to a row. */
export const checkExamples = ({ examples = {} }: Tables, names: ReadonlySet<string>): void => {
  for (const name of Object.keys(examples)) {
    if (!names.has(name)) refuse("examples.ts", `"${name}" is no row; remove its example`)
  }
}

const isKnown = (status: number): status is keyof typeof errorClassByStatus => Object.hasOwn(errorClassByStatus, status)

/** The names of the errors for these statuses. */
export const errorsText = (statuses: ReadonlyArray<number>): string =>
  statuses.flatMap((status) => isKnown(status) ? [`\`${errorClassByStatus[status].name}\` (${status})`] : []).join(", ")
