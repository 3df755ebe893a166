/** The endpoint reference: one page for each resource and one that lists all, made of the rows and of their types. */
import { errorClassByStatus } from "../../src/http/OpenRouterError.js"
import { isPaid } from "../../src/http/row.js"
import { readSdk, replacing } from "../endpoints/coverage.js"
import { type Listed, requestOf, rows } from "../endpoints/rows.js"
import { object } from "../generate/json.js"
import { commentAt, fieldsOf } from "./declarations.js"
import { classPlace, sentenceOfClass } from "./errors.js"
import { firstComment, proseOf } from "./examples.js"
import { exists, type Page, read } from "./files.js"
import type { Item } from "./guides.js"
import { cell, tableRow, typeCode } from "./html.js"

const sdk = readSdk(object(JSON.parse(read("scripts/endpoints/sdk.json")), "sdk.json"))

/** The names of the methods of the official SDK that a row takes the place of. */
const methodsOf = (listed: Listed): ReadonlyArray<string> =>
  Object.entries(sdk.methods)
    .filter(([method, request]) => replacing(rows, method, request).includes(listed))
    .map(([method]) => method)

const namespaceOf = ({ called }: Listed): string => called.split(".")[0] ?? ""

const nameOf = ({ called }: Listed): string => called.split(".").slice(1).join(".")

const pagePath = (namespace: string): string => `endpoints/${namespace}.md`

const anchorOf = ({ called }: Listed): string => called.replace(".", "-").toLowerCase()

const sourceOf = (listed: Listed): string => `src/services/endpoints/${namespaceOf(listed)}.ts`

const commentOf = (listed: Listed) => {
  const name = nameOf(listed)
  return commentAt(sourceOf(listed), name === "delete" ? "delete_" : name)
}

/** The comment of a row without the line that says method and path, which the page shows in its own way. */
const proseOfRow = (listed: Listed): string =>
  proseOf(commentOf(listed).text.replace(/^`(GET|POST|PUT|PATCH|DELETE) \/\S*`\.?\s*/m, ""))
    .replace(/^OpenRouter's page: (https:\S+)$/m, "[OpenRouter's page]($1)").replace(/\n{3,}/g, "\n\n")
    .trim()

const sentenceOf = (listed: Listed): string => proseOfRow(listed).split("\n\n")[0]?.replace(/\s+/g, " ") ?? ""

const keys = {
  required: "needed",
  optional: "sent if the client has one",
  none: "not sent"
} satisfies { readonly [A in Listed["row"]["auth"]]: string }

const retried = ({ row }: Listed): string => {
  const rule = row.repeatable === false
    ? "isSafeToRepeat"
    : isPaid(row)
    ? "isRetryable"
    : row.repeatable ?? (row.method !== "POST" && row.method !== "PATCH")
    ? "isTransient"
    : "isSafeToRepeat"
  return `[\`Retry.${rule}\`](../api/http/Retry.md#${rule.toLowerCase()})`
}

const answers = {
  json: "A value",
  sse: "A stream of events",
  binary: "A stream of bytes",
  empty: "Nothing"
} satisfies { readonly [S in Listed["row"]["success"]]: string }

const facts = (listed: Listed, page: string, modules: ReadonlySet<string>): ReadonlyArray<string> => {
  const { response, row } = listed
  const file = sourceOf(listed)
  const hasType = row.success === "json" || row.success === "sse"
  const methods = methodsOf(listed)
  return [
    "<dl class=\"facts\">",
    ...[
      ["Request", `<code>${requestOf(row)}</code>`],
      [
        "Result",
        hasType ? `${answers[row.success]}: ${typeCode(page, file, response, modules)}` : answers[row.success]
      ],
      ...(row.paging === undefined
        ? []
        : [["All pages", `<code>${listed.called}.stream</code> emits the items of all pages`]]),
      ["API key", keys[row.auth]],
      ["Retried if", retried(listed)],
      [
        "Official SDK",
        methods.length === 0 ? "not in it" : methods.map((method) => `<code>${method}</code>`).join(", ")
      ]
    ].flatMap(([term = "", text = ""]) => ["", `<dt>${term}</dt><dd>\n\n${text}\n\n</dd>`]),
    "</dl>"
  ]
}

const paramsName = (listed: Listed): string => listed.request.replace(/\?$/, "")

const parameters = (listed: Listed, page: string, modules: ReadonlySet<string>): ReadonlyArray<string> => {
  const name = paramsName(listed)
  if (name === "") return ["It has no parameters."]
  const file = sourceOf(listed)
  const all = fieldsOf(file, name)
  const fields = [...all.filter(({ isOptional }) => !isOptional), ...all.filter(({ isOptional }) => isOptional)]
  const whole = `The type is ${typeCode(page, file, name, modules)}.`
  if (fields.length === 0) return [whole]
  const inPath = new Set([...listed.row.path.matchAll(/\{(\w+)\}/g)].map(([, each]) => each))
  const place = (field: string): ReadonlyArray<string> =>
    inPath.has(field) ? ["in the path"] : listed.row.query.includes(field) ? ["in the query"] : []
  return [
    whole,
    "",
    tableRow("name", "type", "what it is"),
    "|---|---|---|",
    ...fields.map((field) =>
      tableRow(
        [`\`${field.name}\``, ...(field.isOptional ? [] : ["**required**"]), ...place(field.name)].join("<br>"),
        typeCode(page, field.file, field.type, modules),
        [field.isDeprecated ? "Deprecated." : "", cell(proseOf(field.text))].join(" ").trim()
      )
    )
  ]
}

const errors = ({ row }: Listed): ReadonlyArray<string> => [
  tableRow("status", "class", "when"),
  "|---|---|---|",
  ...row.errors.map((status) => {
    const { name } = errorClassByStatus[status]
    return tableRow(String(status), `[\`${name}\`](../${classPlace(name)})`, cell(sentenceOfClass(name)))
  }),
  "",
  "Any other status is `OpenRouterDefaultError`. [Failures of the connection](../reference/errors.md#without-a-status) can " +
  "happen to every call."
]

const fallbackExample = (listed: Listed): ReadonlyArray<string> =>
  listed.request === "" || listed.request.endsWith("?")
    ? [
      "```ts",
      `import { ${namespaceOf(listed)} } from "effect-openrouter"`,
      "",
      `const program = ${listed.called}()`,
      "```"
    ]
    : []

const section = (listed: Listed, page: string, modules: ReadonlySet<string>): ReadonlyArray<string> => {
  const { examples } = commentOf(listed)
  const shown = examples.length > 0 ? examples.flatMap((example) => [example, ""]) : fallbackExample(listed)
  return [
    `## ${listed.called} {#${anchorOf(listed)}}`,
    "",
    proseOfRow(listed),
    "",
    ...facts(listed, page, modules),
    "",
    ...(shown.length === 0 ? [] : [...shown, ""]),
    `### Parameters {#${anchorOf(listed)}-parameters}`,
    "",
    ...parameters(listed, page, modules),
    "",
    `### Errors {#${anchorOf(listed)}-errors}`,
    "",
    ...errors(listed),
    ""
  ]
}

const namespaces: ReadonlyArray<string> = [...new Set(rows.map(namespaceOf))].sort()

const ofNamespace = (namespace: string): ReadonlyArray<Listed> => rows.filter((row) => namespaceOf(row) === namespace)

const moduleSentence = (namespace: string): string => {
  const path = `src/services/${namespace}.ts`
  return exists(path) ? proseOf(firstComment(read(path))).split("\n\n")[0]?.replace(/\s+/g, " ") ?? "" : ""
}

/** The tables of these pages become lists on a phone. */
const frontmatter = ["---", "pageClass: reference", "---", ""]

const resourcePage = (namespace: string, modules: ReadonlySet<string>): Page => {
  const path = pagePath(namespace)
  const own = ofNamespace(namespace)
  return {
    path,
    text: [
      ...frontmatter,
      `# ${namespace}`,
      "",
      moduleSentence(namespace),
      "",
      tableRow("function", "request"),
      "|---|---|",
      ...own.map((listed) => tableRow(`[\`${listed.called}\`](#${anchorOf(listed)})`, `\`${requestOf(listed.row)}\``)),
      "",
      `Everything else of the module is in its [API reference](../api/services/${namespace}.md).`,
      "",
      ...own.flatMap((listed) => section(listed, path, modules))
    ].join("\n")
  }
}

const indexPage = (): Page => ({
  path: "endpoints/index.md",
  text: [
    ...frontmatter,
    "# All endpoints",
    "",
    `${
      new Set(rows.map(({ row }) => row.operationId)).size
    } operations of the API as ${rows.length} functions. Each takes one ` +
    "object with its parameters, in the names of the wire, and returns an `Effect` or a `Stream`.",
    "",
    ...namespaces.flatMap((namespace) => [
      `## [${namespace}](${namespace}.md) {#${namespace.toLowerCase()}}`,
      "",
      tableRow("function and request", "what it does"),
      "|---|---|",
      ...ofNamespace(namespace).map((listed) =>
        tableRow(
          `[\`${listed.called}\`](${namespace}.md#${anchorOf(listed)})<br>\`${requestOf(listed.row)}\``,
          cell(sentenceOf(listed))
        )
      ),
      ""
    ])
  ].join("\n")
})

export const endpointPages = (modules: ReadonlySet<string>): ReadonlyArray<Page> => [
  indexPage(),
  ...namespaces.map((namespace) => resourcePage(namespace, modules))
]

export const endpointItems: ReadonlyArray<Item> = [
  { text: "All endpoints", link: "/endpoints/" },
  { text: "Resources", items: namespaces.map((text) => ({ text, link: `/endpoints/${text}` })) }
]
