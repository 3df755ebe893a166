/** The page of all errors, made of their classes and of the rules of retries. */
import { Duration } from "effect"
import { dirname, join, normalize } from "node:path/posix"
import { advice } from "../../src/http/internal/errorAdvice.js"
import * as Errors from "../../src/http/OpenRouterError.js"
import * as Retry from "../../src/http/Retry.js"
import { classesOf, commentAt } from "./declarations.js"
import { proseOf } from "./examples.js"
import { filesBelow, type Page, read } from "./files.js"
import { cell, tableRow } from "./html.js"
import { modulePage } from "./places.js"

const files = ["src/http/internal/responseErrors.ts", "src/http/internal/transportErrors.ts"]

/** The comment of an error class, without the status that it begins with. */
const commentOfClass = (name: string): string => {
  const file = files.find((path) => classesOf(path).includes(name))
  if (file === undefined) throw new Error(`no error class ${name}`)
  return proseOf(commentAt(file, name).text).replace(/^Status \d+: /, "")
}

/** When the error of a class comes. */
export const sentenceOfClass = (name: string): string =>
  commentOfClass(name).split("\n\n")[0]?.replace(/\s+/g, " ") ?? ""

/** Where the API reference shows an error class, below the content. */
export const classPlace = (name: string): string => `api/http/OpenRouterError.md#${name.toLowerCase()}`

/** The kinds of calls that the client sends again after an error. */
const sentAgain = (error: Errors.OpenRouterError): string => {
  const kinds = [
    ...(Retry.isRetryable(error) ? ["paid"] : []),
    ...(Retry.isTransient(error) ? ["reads"] : []),
    ...(Retry.isSafeToRepeat(error) ? ["writes"] : [])
  ]
  return kinds.length === 3 ? "all calls" : kinds.length === 0 ? "no call" : kinds.join(", ")
}

/** The rules look at the status, not at the class. */
const sample = (status: number): Errors.OpenRouterError => new Errors.OpenRouterDefaultError({ message: "", status })

const adviceFor = (status: number): string => {
  const text = advice({
    status,
    errorType: undefined,
    message: "",
    retryAfter: undefined,
    availability: undefined,
    metadata: undefined,
    page: undefined
  })
  return text === undefined ? "" : `${text.replace(/(https:\S+?)([,.]?)(?=\s|$)/g, "<$1>$2")}.`
}

const statusRows = Object.entries(Errors.errorClassByStatus).map(([key, { name }]) => {
  const status = Number(key)
  return tableRow(
    `[\`${name}\`](../${classPlace(name)})<br>${key}`,
    cell(sentenceOfClass(name)),
    cell(adviceFor(status)),
    sentAgain(sample(status))
  )
})

/** What to do about the failures of this side of the wire. Those of connections depend on their phase. */
const remedies: ReadonlyArray<readonly [error: Errors.OpenRouterError, name: string, remedy: string]> = [
  [
    new Errors.ConnectionError({ message: "", phase: "connect" }),
    "phase `connect`",
    "Check the network, the proxy and the base URL. Nothing was sent."
  ],
  [
    new Errors.ConnectionError({ message: "", phase: "response" }),
    "phase `response` or `body`",
    "Look up what was charged by `generationId`, or on the activity page, before you send a paid call again."
  ],
  [
    new Errors.RequestTimeoutError({ message: "", timeout: Duration.seconds(1) }),
    "",
    "Raise `timeout`, or stream the response. It may have been charged: read `partial`."
  ],
  [new Errors.InvalidRequestError({ message: "" }), "", "Correct the parameter that the message names."],
  [
    new Errors.ResponseValidationError({ message: "", issues: [] }),
    "",
    "Read `received` and `partial`; take a newer version of the library, or report the issues."
  ],
  [
    new Errors.StreamTruncatedError({ message: "" }),
    "",
    "Use `partial`, or send the request again: it is charged again."
  ],
  [
    new Errors.StreamStalledError({ message: "", idleTimeout: Duration.seconds(1) }),
    "",
    "Use `partial`; raise `idleTimeout` or `eventTimeout` if the model thinks longer."
  ],
  [new Errors.StreamEventTooLargeError({ message: "", maxEventSize: 1 }), "", "Raise `maxEventSize` of the client."]
]

const transportRows = remedies.map(([error, note, remedy]) =>
  tableRow(
    `[\`${error._tag}\`](../${classPlace(error._tag)})${note === "" ? "" : `<br>${note}`}`,
    cell(sentenceOfClass(error._tag)),
    remedy,
    sentAgain(error)
  )
)

/** Where the error classes of everything that is no endpoint are. */
const otherClasses = (modules: ReadonlySet<string>): ReadonlyArray<string> =>
  filesBelow("src").filter((path) => path.endsWith(".ts") && !files.includes(path)).flatMap((path) =>
    /extends\s+Schema\.TaggedError/.test(read(path))
      ? classesOf(path).flatMap((name) => {
        const module = homeOf(path, name, modules)
        if (module === undefined) return []
        const sentence = proseOf(commentAt(path, name).text).split("\n\n")[0] ?? ""
        return [tableRow(
          `[\`${name}\`](../${modulePage(module)}#${name.toLowerCase()})`,
          `\`${module.split("/").at(-1) ?? ""}\``,
          cell(sentence)
        )]
      })
      : []
  )

/** Whether a file exports a name that another one declares. */
const passesOn = (file: string, declaring: string, name: string): boolean =>
  file === declaring ||
  [...read(file).matchAll(/^export (?:\*|\{([^}]*)\}) from "(\.[^"]+)"$/gm)].some(([, names, from = ""]) =>
    (names === undefined || new RegExp(`\\b${name}\\b`).test(names)) &&
    passesOn(normalize(join(dirname(file), from)).replace(/\.js$/, ".ts"), declaring, name)
  )

/** The public module that exports a class. */
const homeOf = (path: string, name: string, modules: ReadonlySet<string>): string | undefined =>
  [...modules].find((module) => !module.startsWith("schema/") && passesOn(`src/${module}.ts`, path, name))

export const errorsPage = (modules: ReadonlySet<string>): Page => ({
  path: "reference/errors.md",
  text: [
    "---",
    "aside: false",
    "pageClass: reference errors",
    "---",
    "",
    "# All errors",
    "",
    "Each class, what it means, what to do, and whether the client sends the request again by itself. " +
    "[Errors](../guide/errors.md) and [retries](../guide/retries.md) explain the rules.",
    "",
    "The last column names the kinds of calls that are sent again:",
    "",
    "- **paid**: calls that cost money, such as chat, responses, embeddings and images " +
    "([`Retry.isRetryable`](../api/http/Retry.md#isretryable))",
    "- **reads**: `GET`, `PUT`, `DELETE` and queries ([`Retry.isTransient`](../api/http/Retry.md#istransient))",
    "- **writes**: any other `POST` and `PATCH` ([`Retry.isSafeToRepeat`](../api/http/Retry.md#issafetorepeat))",
    "",
    "## By status",
    "",
    "`availability.retryable` of an error decides instead of its status. A paid call that reports output or a cost is not sent " +
    "again.",
    "",
    tableRow("class and status", "when", "what to do", "sent again"),
    "|---|---|---|---|",
    ...statusRows,
    "",
    `Any other status is [\`OpenRouterDefaultError\`](../${classPlace("OpenRouterDefaultError")}).`,
    "",
    "## Without a status",
    "",
    "They happen in this process or on the network.",
    "",
    tableRow("class", "when", "what to do", "sent again"),
    "|---|---|---|---|",
    ...transportRows,
    "",
    "## Of agents and other modules",
    "",
    "No request is sent again after them.",
    "",
    tableRow("class", "module", "when"),
    "|---|---|---|",
    ...otherClasses(modules),
    ""
  ].join("\n")
})
