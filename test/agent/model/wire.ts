/** Reads the items of the wire back into the terms of the model test. */
import { assert } from "@effect/vitest"
import { arrayAt, isObject, type JsonObject, objectAt, parseJson, stringAt } from "../../../src/internal/json.js"
import type { RecordedRequest } from "../../../src/testing/internal/recording.js"
import { saidAs } from "./conversation.js"
import { thought } from "./script.js"
import type { Speech } from "./world.js"

/** The output of a call. */
export type Told =
  | "done"
  | "declined"
  | "died"
  | "timed out"
  | "rejected"
  | "unknown tool"
  | "not JSON"
  | "does not fit"
  | "cut off"
  | "left behind"
  | "given"
  | "refused"
  | "changed"
  | "unshowable"
  | "withheld"
  | "handed over"
  /** A handoff that another one came before. */
  | "too late"
  /** What a server hears that asked for an approval. */
  | "allowed"
  | "denied"

export type Token =
  | { readonly _tag: "user"; readonly text: string }
  | { readonly _tag: "thought"; readonly turn: number }
  | { readonly _tag: "said"; readonly turn: number; readonly says: Exclude<Speech, "nothing"> }
  | { readonly _tag: "call"; readonly call: number; readonly id: string; readonly isOfServer: boolean }
  | { readonly _tag: "output"; readonly call: number; readonly id: string; readonly told: Told }

/** Arguments that are no JSON stand in the output of their call. */
const asWritten = /(?:arguments_as_written|with these arguments)\D*(\d+)/

const writtenCall = (items: ReadonlyArray<unknown>, id: string): string | undefined =>
  items.flatMap((item) =>
    stringAt(item, "call_id") === id ? asWritten.exec(stringAt(item, "output") ?? "")?.[1] ?? [] : []
  )[0]

/** Reads items; a call is known by its arguments, and an output by the id of the call before it. */
export const tokensOf = (items: ReadonlyArray<unknown>): ReadonlyArray<Token> => {
  const calls = new Map<string, number>()
  return items.map((item): Token => {
    if (!isObject(item)) return assert.fail(`no item: ${JSON.stringify(item)}`)
    switch (item["type"]) {
      case "reasoning":
        return thoughtOf(item)
      case "function_call": {
        const id = stringAt(item, "call_id") ?? ""
        const call = Number(/\d+/.exec(stringAt(item, "arguments") ?? "")?.[0] ?? writtenCall(items, id))
        assert.isFalse(calls.has(id), `two calls have the id ${id}`)
        calls.set(id, call)
        return { _tag: "call", call, id, isOfServer: false }
      }
      case "mcp_approval_request": {
        const id = stringAt(item, "id") ?? ""
        const call = Number(/\d+/.exec(stringAt(item, "arguments") ?? "")?.[0])
        calls.set(id, call)
        return { _tag: "call", call, id, isOfServer: true }
      }
      case "mcp_approval_response": {
        const id = stringAt(item, "approval_request_id") ?? ""
        const told = item["approve"] === true ? "allowed" : "denied"
        return { _tag: "output", call: calls.get(id) ?? assert.fail(`no request ${id}`), id, told }
      }
      case "function_call_output": {
        const id = stringAt(item, "call_id") ?? ""
        return { _tag: "output", call: calls.get(id) ?? assert.fail(`no call ${id}`), id, told: toldBy(item["output"]) }
      }
      default:
        return spoken(item)
    }
  })
}

const thoughtOf = (item: JsonObject): Token => {
  const turn = Number(stringAt(item, "id")?.slice(3))
  assert.strictEqual(JSON.stringify(item), JSON.stringify(thought(turn)), "a reasoning item was changed")
  return { _tag: "thought", turn }
}

const spoken = (item: JsonObject): Token => {
  if (item["role"] === "user") return { _tag: "user", text: stringAt(item, "content") ?? "" }
  const text = arrayAt(item, "content").map((part) => stringAt(part, "text") ?? "").join("")
  const refusal = arrayAt(item, "content").map((part) => stringAt(part, "refusal") ?? "").join("")
  if (text === "" && refusal === "") {
    return { _tag: "said", turn: Number(stringAt(item, "id")?.slice(4)), says: "blank" }
  }
  const says = text.endsWith("replaced")
    ? "replaced"
    : text === ""
    ? "refusal"
    : refusal === ""
    ? "words"
    : "words and refusal"
  return { _tag: "said", turn: Number(/\d+/.exec(text + refusal)?.[0]), says }
}

const phrases: ReadonlyArray<readonly [RegExp, Told]> = [
  [/rejected this call/, "rejected"],
  [/There is no tool/, "unknown tool"],
  [/not valid JSON/, "not JSON"],
  [/do not fit/, "does not fit"],
  [/broke off/, "cut off"],
  [/went on without it/, "left behind"],
  [/took longer than/, "timed out"],
  [/failed unexpectedly/, "died"],
  [/Not this one/, "refused"],
  [/was not passed on/, "withheld"],
  [/another handoff came first/, "too late"]
]

const toldBy = (output: unknown): Told => {
  const value = typeof output === "string" ? parseJson(output)?.value : undefined
  const error = stringAt(value, "error")
  if (error !== undefined) {
    return phrases.find(([phrase]) => phrase.test(error))?.[1] ?? assert.fail(`told of an error: ${error}`)
  }
  if (stringAt(objectAt(value, "error"), "_tag") === "Declined") return "declined"
  if (typeof output === "string" && output.startsWith("given")) return "given"
  if (typeof output === "string" && output.includes("cannot be shown")) return "unshowable"
  if (isObject(value) && "changed" in value) return "changed"
  if (isObject(value) && "agent" in value) return "handed over"
  return isObject(value) && "done" in value ? "done" : assert.fail(`told: ${JSON.stringify(output)}`)
}

/** One line for each token, without the ids, because the loop chooses them. */
export const linesOf = (tokens: ReadonlyArray<Token>): ReadonlyArray<string> => tokens.map(lineOf)

const lineOf = (token: Token): string => {
  switch (token._tag) {
    case "user":
      return `user: ${token.text}`
    case "thought":
      return `thought ${token.turn}`
    case "said":
      return saidAs(token.turn, token.says)
    case "call":
      return `call ${token.call}`
    case "output":
      return `output of ${token.call}: ${token.told}`
  }
}

const read = new WeakMap<object, ReadonlyArray<Token>>()

/** What a request sends, read once. */
export const tokensIn = (request: RecordedRequest): ReadonlyArray<Token> => {
  const known = read.get(request)
  if (known !== undefined) return known
  const tokens = tokensOf(arrayAt(request.json, "input"))
  read.set(request, tokens)
  return tokens
}
