/** The first page. Its sentence, program, output and commands are those of README.md, so that they are checked there. */
import { type Page, read } from "./files.js"

const reasons: ReadonlyArray<readonly [title: string, text: string]> = [
  [
    "[Every failure has a type](reference/errors.md)",
    "One class for each status that an endpoint documents. The same class stands for the same failure in a response and in the " +
    "middle of a stream."
  ],
  [
    "[Nothing is paid twice](guide/errors.md)",
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

/** What README.md begins with: its first sentence, and its first three blocks. */
const beginning = (): { readonly sentence: string; readonly blocks: ReadonlyArray<string> } => {
  const text = read("README.md")
  const [, prose = ""] = text.split("\n\n")
  const blocks = [...text.matchAll(/^```(?:ts|sh)?\n[\s\S]*?\n```$/gm)].map(([block]) => block).slice(0, 3)
  if (!prose.includes("Effect") || blocks.length < 3 || blocks[0]?.startsWith("```ts") !== true) {
    throw new Error("README.md must begin with a sentence, a program, its output and the commands of the installation")
  }
  return { sentence: prose.replace(/\s+/g, " "), blocks }
}

/** The first sentence of README.md without links. */
export const description = (): string =>
  beginning().sentence.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("`", "")

export const landingPage = (firstGuide: string): Page => {
  const { blocks: [program = "", output = "", install = ""], sentence } = beginning()
  return {
    path: "index.md",
    text: [
      "---",
      "layout: page",
      "sidebar: false",
      "title: Home",
      "titleTemplate: ':title'",
      "---",
      "",
      "<div class=\"vp-doc landing\">",
      "",
      "# effect-openrouter",
      "",
      sentence,
      "",
      program,
      "",
      "It prints:",
      "",
      output,
      "",
      "## Install",
      "",
      install,
      "",
      `[Get started](${
        firstGuide.replace(/^\//, "")
      }.md) · [All endpoints](endpoints/index.md) · [API reference](api/index.md)`,
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
