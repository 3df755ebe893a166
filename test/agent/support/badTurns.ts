/** Turns of a model at its worst: everything in them came from a model or a proxy once. */
import * as FastCheck from "effect/FastCheck"
import { formats } from "./strictProviders.js"

const { array, constant, constantFrom, oneof, option, record } = FastCheck

const deep = `{"a":${"[".repeat(5000)}${"]".repeat(5000)}}`

/** Any text: blank, with halves of characters, or with NUL. */
export const anyText = oneof(
  constantFrom(
    "",
    " ",
    "\r\n",
    "\ufeff",
    "\u00a0",
    "\0",
    "a\0b",
    "Hello. ",
    "half \ud83d",
    "\ude00 other half",
    "\ud83e\udd14"
  ),
  FastCheck.fullUnicodeString(),
  FastCheck.string16bits()
)

const anyArguments = oneof(
  constantFrom(
    "",
    " ",
    "null",
    "[]",
    "\"\"",
    "1",
    "true",
    "{\"p\":\"a\"}{\"p\":\"b\"}",
    "```json\n{\"p\":\"a\"}\n```",
    "```\n[]\n```",
    "{\"p\":",
    "{'p':1}",
    "{\"x\":1e999}",
    "{\"x\":-1e999}",
    "{\"x\":9007199254740993}",
    "{\"p\":\"\\ud83d\"}",
    "{\"\\ude00\":1}",
    "{\"p\":\"\\\\ud83d\"}",
    "{\"p\":\"\\u0000\"}",
    "{\"p\":\"\ud83d\"}",
    "{\"__proto__\":{\"p\":1}}",
    "\"{\\\"p\\\":\\\"a\\\"}\"",
    deep
  ),
  FastCheck.json(),
  FastCheck.object({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
  anyText
)

const anyName = oneof(
  constantFrom(
    "read",
    "read<|channel|>commentary",
    "functions.read",
    "",
    " ",
    "1st",
    "-",
    "lesen_größe",
    "x".repeat(90)
  ),
  anyText
)

const anyCallId = oneof(
  { weight: 3, arbitrary: FastCheck.hexaString({ minLength: 6, maxLength: 12 }) },
  constantFrom(
    "call_1",
    "a",
    "a_2",
    "functions.read:0",
    "functions_read_0",
    "",
    " ",
    "call|fc_1",
    "c".repeat(70),
    "c".repeat(64)
  ),
  anyText
)

const anyStatus = constantFrom("completed", "completed", "in_progress", null, undefined)

const call = record({
  type: constant("function_call"),
  id: constantFrom("fc_1", "fc_2", "item_3", "call_4", "fc_+/=", null, undefined),
  call_id: anyCallId,
  name: anyName,
  arguments: anyArguments,
  status: anyStatus,
  namespace: constantFrom(undefined, null)
})

const part = oneof(
  record({
    type: constant("output_text"),
    text: anyText,
    annotations: constantFrom([], undefined, null, [{ type: "url_citation", url: "https://example.com" }]),
    logprobs: constantFrom([], undefined, null)
  }),
  record({ type: constant("refusal"), refusal: anyText })
)

const message = record({
  type: constant("message"),
  role: constant("assistant"),
  id: constantFrom("msg_1", "msg_2", "item_1", "msg_ß", undefined),
  status: anyStatus,
  phase: constantFrom(undefined, null),
  content: array(part, { maxLength: 3 })
})

const reasoning = record({
  type: constant("reasoning"),
  id: oneof(anyCallId.map((id) => `rs_${id}`), anyCallId, constant("rs_1")),
  summary: array(record({ type: constant("summary_text"), text: anyText }), { maxLength: 2 }),
  content: option(array(record({ type: constant("reasoning_text"), text: anyText }), { maxLength: 2 })),
  encrypted_content: constantFrom(undefined, null, "", "gAAAA"),
  signature: constantFrom(undefined, null, "", "EqQB"),
  format: constantFrom(...formats, undefined, null, "unknown", "tomorrow-v9"),
  status: anyStatus
})

/** Within a response, ids tell items apart. */
const withOwnIds = <A extends { readonly id: string | null | undefined }>(items: ReadonlyArray<A>): ReadonlyArray<A> =>
  items.map((item, index) => items.findIndex(({ id }) => id === item.id) === index ? item : { ...item, id: undefined })

/** The output of a response that calls at least one tool. */
export const badTurn = record({
  before: array(oneof(message, reasoning), { maxLength: 2 }),
  calls: array(oneof({ weight: 3, arbitrary: call }, reasoning), { maxLength: 3 }),
  last: call,
  after: array(oneof(message, reasoning), { maxLength: 1 })
}).map(({ after, before, calls, last }) => withOwnIds([...before, ...calls, last, ...after]))
