/** The marks for caches of prompts, in any conversation that grows. */
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { cacheable } from "../../../src/agent/internal/context/caching.js"
import { isObject, type JsonObject } from "../../../src/internal/json.js"
import type { InputItem } from "../../../src/schema/ResponsesItemsRequest.js"
import type { ResponsesRequest } from "../../../src/schema/ResponsesRequest.js"

const mine = { mode: "explicit" } as const

const anyPart = FastCheck.oneof(
  FastCheck.record({ type: FastCheck.constant("input_text" as const), text: FastCheck.constantFrom("a", "bb", " ") }),
  FastCheck.constant({ type: "input_text", text: "marked by the caller", prompt_cache_breakpoint: mine } as const),
  FastCheck.constant({ type: "input_image", detail: "auto", image_url: "https://example.com/i.png" } as const)
)

const anyContent = FastCheck.oneof(
  FastCheck.constantFrom("Go on.", " "),
  FastCheck.array(anyPart, { maxLength: 3 })
)

/** What is said to the model between two of its responses. */
const anySaid: FastCheck.Arbitrary<InputItem> = FastCheck.oneof(
  FastCheck.record({ role: FastCheck.constantFrom("user" as const, "developer" as const), content: anyContent }),
  FastCheck.record({
    type: FastCheck.constant("function_call_output" as const),
    call_id: FastCheck.constant("c"),
    output: anyContent
  })
)

/** What the model writes: nothing of it can be marked. */
const anyWritten: FastCheck.Arbitrary<InputItem> = FastCheck.constantFrom<InputItem>(
  { type: "message", role: "assistant", content: "Well." },
  { type: "reasoning", id: "rs", summary: [] },
  { type: "function_call", call_id: "c", name: "look", arguments: "{}" }
)

const anyTurn = FastCheck.record({
  said: FastCheck.array(anySaid, { maxLength: 18 }),
  written: FastCheck.array(anyWritten, { minLength: 1, maxLength: 4 })
})

const anyCase = FastCheck.record({
  turns: FastCheck.array(anyTurn, { minLength: 1, maxLength: 5 }),
  instructions: FastCheck.constantFrom(undefined, "", "Be brief."),
  isWhole: FastCheck.boolean()
})

type Case = typeof anyCase extends FastCheck.Arbitrary<infer A> ? A : never

const model = "anthropic/claude-sonnet-4.5"

/** The requests of a conversation: each has what was said and written before it, and what was said since. */
const requestsOf = ({ instructions, isWhole, turns }: Case): ReadonlyArray<ResponsesRequest> => {
  let history: ReadonlyArray<InputItem> = []
  return turns.map(({ said, written }): ResponsesRequest => {
    const input = [...history, ...said]
    history = [...input, ...written]
    const request = { model, input, ...(instructions === undefined ? {} : { instructions }) }
    return isWhole ? { ...request, cache_control: { type: "ephemeral" } } : request
  })
}

const inputOf = ({ input }: ResponsesRequest): ReadonlyArray<InputItem> => Array.isArray(input) ? input : []

const partsOf = (item: InputItem): ReadonlyArray<JsonObject> => {
  const parts: unknown = Reflect.get(item, "content") ?? Reflect.get(item, "output")
  return Array.isArray(parts) ? parts.filter(isObject) : []
}

const isMarked = (part: JsonObject): boolean => part["prompt_cache_breakpoint"] !== undefined

/** The positions of marked items. */
const marksOf = (request: ResponsesRequest): ReadonlyArray<number> =>
  inputOf(request).flatMap((item, index) => partsOf(item).filter(isMarked).map(() => index))

/** What a provider compares: the prompt without its marks. */
const textOf = (items: ReadonlyArray<InputItem>): string =>
  JSON.stringify(items, (key, value: unknown) => key === "prompt_cache_breakpoint" ? undefined : value)

const holds = (check: (requests: ReadonlyArray<ResponsesRequest>, given: ReadonlyArray<ResponsesRequest>) => void) =>
  FastCheck.assert(
    FastCheck.property(anyCase, (one) => {
      const given = requestsOf(one)
      check(given.map((request) => cacheable(request, "s")), given)
    }),
    { numRuns: 500 }
  )

describe("the requests of a conversation, with marks for caches", () => {
  it("begin with the request before, byte for byte", () =>
    holds((requests) => {
      for (const [index, request] of requests.entries()) {
        const before = inputOf(requests[index - 1] ?? { input: [] })
        assert.strictEqual(textOf(inputOf(request).slice(0, before.length)), textOf(before))
        assert.isUndefined(request.instructions?.trim() || undefined)
      }
    }))

  it("mark again where the request before ended, so that its cache is found", () =>
    holds((requests, given) => {
      for (const [index, request] of requests.entries()) {
        const last = marksOf(requests[index - 1] ?? {}).at(-1)
        const free = 4 - given.flatMap(marksOf).length - (request.cache_control === undefined ? 0 : 1)
        if (last !== undefined && free >= 2) assert.include(marksOf(request), last)
      }
    }))

  it("have at most four marks, those of the caller included, whose items stay as they are", () =>
    holds((requests, given) => {
      for (const [index, request] of requests.entries()) {
        const own = given[index] ?? {}
        const more = request.cache_control === undefined ? 0 : 1
        assert.isAtMost(marksOf(request).length + more, Math.max(4, marksOf(own).length + more))
        const added = inputOf(request).length - inputOf(own).length
        const ofItem = (at: number, marks: ReadonlyArray<number>) => marks.filter((mark) => mark === at).length
        for (const at of marksOf(own)) {
          assert.strictEqual(ofItem(at + added, marksOf(request)), ofItem(at, marksOf(own)))
        }
      }
    }))

  it("mark texts that say something, and that the model did not write", () =>
    holds((requests) => {
      for (const item of requests.flatMap(inputOf)) {
        for (const part of partsOf(item).filter(isMarked)) {
          assert.strictEqual(part["type"], "input_text")
          assert.notStrictEqual(String(part["text"]).trim(), "")
          assert.notStrictEqual(Reflect.get(item, "role"), "assistant")
        }
      }
    }))

  it("have at least one mark, if there is any text to mark", () =>
    holds((requests) => {
      for (const request of requests) {
        const texts = inputOf(request).flatMap(partsOf).filter(({ text, type }) =>
          type === "input_text" && String(text).trim() !== ""
        )
        const isMarking = marksOf(request).length > 0 || request.cache_control !== undefined
        assert.strictEqual(texts.length > 0 && !isMarking, false)
      }
    }))
})

describe("a request for a model that caches by itself", () => {
  it("has a session and no marks", () => {
    for (const name of ["openai/gpt-5-nano", "google/gemini-2.5-pro", "openrouter/auto", undefined]) {
      const request: ResponsesRequest = {
        ...(name === undefined ? {} : { model: name }),
        instructions: "i",
        input: "a"
      }
      assert.deepStrictEqual(cacheable(request, "s"), { ...request, session_id: "s" })
    }
  })

  it("is marked if a fallback needs it", () =>
    assert.deepStrictEqual(marksOf(cacheable({ model: "openai/gpt-5", models: ["~qwen/qwen-max"], input: "a" }, "s")), [
      0
    ]))

  it("keeps the session of the caller, and shortens one that is too long", () => {
    assert.strictEqual(cacheable({ input: "a", session_id: "mine" }, "s").session_id, "mine")
    assert.strictEqual(cacheable({ input: "a" }, "s".repeat(300)).session_id, "s".repeat(256))
  })
})
