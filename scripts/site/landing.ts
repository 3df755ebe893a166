/** The first page. It begins as README.md does, where its program is checked. */
import { type Page, read } from "./files.js"
import { type LinkedCode, relocate } from "./places.js"

const reasons: ReadonlyArray<readonly [title: string, text: string]> = [
  [
    "[Every failure has a type](reference/errors.md)",
    "One class for each status that an endpoint documents. The same class stands for the same failure in a response and in the " +
    "middle of a stream."
  ],
  [
    "[Nothing is paid twice](guide/retries.md)",
    "A call that costs money is retried only if it cannot have been charged. An error keeps what had arrived."
  ],
  [
    "[Streams wait for you](guide/streaming.md)",
    "The library does not read ahead of a slow consumer, and the connection closes when you stop."
  ],
  [
    "[Agents with limits](guide/agent.md)",
    "Budgets that are checked after every response, approvals that survive a restart, tools whose handlers are layers."
  ],
  [
    "[Tests without a network](guide/testing.md)",
    "Script a model, mock an endpoint, or run both behind a server on your machine."
  ]
]

/** What README.md says before its first heading of the second level: a sentence, a program, its output, how to install. */
const beginning = (): { readonly sentence: string; readonly rest: string } => {
  const [first = ""] = read("README.md").split(/^## /m)
  const [, sentence = "", ...rest] = first.split("\n\n")
  const text = rest.join("\n\n").trim()
  if (!text.startsWith("```ts\n") || !text.includes("npm install")) {
    throw new Error("README.md must begin with a sentence, a program, its output and the commands of the installation")
  }
  return { sentence, rest: text }
}

/** The first sentence of README.md without links. */
export const description = (): string =>
  beginning().sentence.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("`", "").replace(/\s+/g, " ")

export const landingPage = (firstGuide: string, modules: ReadonlySet<string>, code: LinkedCode): Page => {
  const { rest, sentence } = beginning()
  return {
    path: "index.md",
    text: [
      "---",
      "layout: page",
      "sidebar: false",
      "title: effect-openrouter",
      "titleTemplate: false",
      "---",
      "",
      "<div class=\"vp-doc landing\">",
      "",
      "# effect-openrouter",
      "",
      relocate("README.md", "index.md", sentence, modules, code),
      "",
      relocate("README.md", "index.md", rest, modules, code),
      "",
      `**[Get started](.${firstGuide}.md)** · [All endpoints](endpoints/index.md) · [API reference](api/index.md)`,
      "",
      "## Why",
      "",
      "<div class=\"reasons\">",
      "",
      ...reasons.flatMap(([title, text]) => ["<div>", "", `### ${title}`, "", text, "", "</div>", ""]),
      "</div>",
      "",
      "</div>",
      ""
    ].join("\n")
  }
}
