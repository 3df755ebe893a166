import { assert, describe, it } from "@effect/vitest"
import { messagesOf } from "../../scripts/messages/messages.js"

const source = `
import { a } from "a module with words"
type Word = "three words here"
const name = "invalid"
const short = { message: "two words" }
const error = new ThingError({
  message: \`thing: \${what} is not there\${why === "" ? "" : \` because of \${why} alone\`}. \` +
    "Look for it."
})
const defect = Effect.dieMessage("this cannot be so")
const log = Effect.logWarning("the thing was left behind")
const told = refuse("The tool failed.")
`

describe("the list of messages", () => {
  it("has the sentences of a file, joined as the code joins them, with their places and kinds", () => {
    assert.deepStrictEqual(messagesOf("a.ts", source), [
      {
        line: 7,
        kind: "error",
        text: "thing: {what} is not there{why === \"\" ? \"\" : ` because of ${why} alone`}. Look for it."
      },
      { line: 7, kind: "error", text: " because of {why} alone" },
      { line: 10, kind: "defect", text: "this cannot be so" },
      { line: 11, kind: "log", text: "the thing was left behind" },
      { line: 12, kind: "text", text: "The tool failed." }
    ])
  })
})
