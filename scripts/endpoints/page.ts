/** The page that leads users of the official SDK to our functions. */
import { replacing, type Sdk } from "./coverage.js"
import { type Listed, requestOf } from "./rows.js"

const code = (text: string): string => `\`${text}\``

const cell = (...cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`

const ours = (listed: ReadonlyArray<Listed>): string =>
  listed.map(({ called, row }) => code(called) + (row.paging === undefined ? "" : `, ${code(`${called}.stream`)}`))
    .join(", ")

const introduction = (sdk: Sdk): string =>
  `# Coming from ${code(sdk.package)}

Every method of ${code(sdk.package)} ${sdk.version} that sends a request has a function here. This page is written by
\`npm run endpoints -- --write\` from the same rows that the functions are made of.

## What is the same, and what is not

| ${code(sdk.package)} | effect-openrouter |
|---|---|
| \`new OpenRouter({ apiKey, httpReferer, appTitle })\` | \`OpenRouterClient.layer({ apiKey, httpReferer, appTitle })\`, or \`layerConfig\` to read \`OPENROUTER_API_KEY\` |
| \`await openRouter.models.count()\` | \`yield* Models.count()\`: an \`Effect\`, to be run, retried, timed out and interrupted as any other |
| \`{ chatRequest: { maxTokens: 16 } }\` | \`{ max_tokens: 16 }\`: one flat object with path, query and body, in the names of the wire |
| \`chat.send({ chatRequest: { stream: true } })\` | \`Chat.stream(...)\`, a \`Stream\` of decoded chunks |
| \`for await (const page of result)\` | \`.stream\` of a listing: its items, a page when its first item is wanted |
| \`catch (error) { if (error instanceof errors.NotFoundResponseError) ... }\` | \`Effect.catchTag("NotFoundResponseError", ...)\`, with the tags that the endpoint documents in its type |
| \`{ retries, timeoutMs, headers }\` of a call | \`OpenRouterClient.withOptions({ retry, timeout, headers })\` |
| a field that the types lack, by a cast | \`OpenRouterClient.withOptions({ extraBody: { a_new_field: true } })\` |
| \`{ ok, value, error }\` of a function from \`funcs/\` | \`Effect.either\`, \`Effect.exit\` |
| \`openRouter.callModel(...)\` | \`Agent.run\`, \`Agent.stream\`, \`Agent.callModel\`: see [what maps to what](from-callmodel.md) |

\`\`\`ts
import { Console, Effect, Stream } from "effect"
import { ApiKeys, Models, OpenRouterClient } from "effect-openrouter"

const program = Effect.gen(function*() {
  const { data } = yield* Models.count().pipe(OpenRouterClient.withOptions({ timeout: "5 seconds" }))
  yield* Console.log(data.count)
  yield* ApiKeys.list.stream().pipe(Stream.runForEach((key) => Console.log(key.name, key.usage)))
}).pipe(
  Effect.catchTag("UnauthorizedResponseError", (error) => Console.error(error.message))
)
\`\`\`
`

export const page = (rows: ReadonlyArray<Listed>, sdk: Sdk): string => {
  const replaced = new Set<Listed>()
  const methods = Object.entries(sdk.methods).map(([method, request]) => {
    const listed = replacing(rows, method, request)
    listed.forEach((each) => replaced.add(each))
    return [method, cell(code(method), ours(listed), code(request))] as const
  })
  const helpers = Object.entries(sdk.helpers).map(([method, name]) =>
    [method, cell(code(method), code(name), "none of its own")] as const
  )
  const beyond = rows.filter((listed) => !replaced.has(listed)).map((listed) =>
    cell(ours([listed]), code(requestOf(listed.row)))
  )
  return [
    introduction(sdk),
    "## Every method\n",
    cell("method", "here", "request"),
    "|---|---|---|",
    ...[...methods, ...helpers].sort(([a], [b]) => a < b ? -1 : 1).map(([, line]) => line),
    "",
    `## What ${code(sdk.package)} does not have\n`,
    cell("here", "request"),
    "|---|---|",
    ...beyond,
    ""
  ].join("\n")
}
