/** Random responses of a model: their content, their events, and fields that providers omit or confuse. */
import * as FastCheck from "effect/FastCheck"
import type { AgentEvent } from "../../../src/agent/internal/events.js"
import { parseJson } from "../../../src/internal/json.js"
import { event, turnEnd, turnRetry, turnStart } from "./events.js"

type Json = { readonly [key: string]: unknown }

/** An event of an item, and the text or reasoning that it adds for a reader. */
interface Told {
  readonly event: AgentEvent
  readonly text: string
  readonly reasoning: string
}

interface PlannedItem {
  readonly events: ReadonlyArray<Told>
  /** The item in the final response. */
  readonly item: Json
  readonly text: string
  readonly reasoning: string
}

export interface PlannedRun {
  readonly events: ReadonlyArray<AgentEvent>
  readonly text: string
  readonly reasoning: string
  /** The items of all responses. */
  readonly items: ReadonlyArray<Json>
}

const pieces = FastCheck.array(FastCheck.string({ unit: "grapheme", maxLength: 5 }), { maxLength: 6 })

const form = FastCheck.record({
  id: FastCheck.constantFrom("none", "own", "changing"),
  /** After how many other events the item is announced; never, if the number exceeds the events. */
  announced: FastCheck.oneof({ weight: 4, arbitrary: FastCheck.constant(0) }, FastCheck.nat(9)),
  told: FastCheck.constantFrom("pieces", "done", "both"),
  strange: FastCheck.boolean()
})

type Form = typeof form extends FastCheck.Arbitrary<infer A> ? A : never

const body = FastCheck.oneof(
  FastCheck.record({
    kind: FastCheck.constant("message" as const),
    parts: FastCheck.array(FastCheck.record({ refusal: FastCheck.boolean(), pieces }), { maxLength: 3 })
  }),
  FastCheck.record({ kind: FastCheck.constant("reasoning" as const), summary: FastCheck.boolean(), pieces }),
  FastCheck.record({ kind: FastCheck.constant("call" as const), pieces }),
  FastCheck.record({ kind: FastCheck.constant("search" as const) })
)

type Body = typeof body extends FastCheck.Arbitrary<infer A> ? A : never

const said = (event: AgentEvent, text = "", reasoning = ""): Told => ({ event, text, reasoning })

interface Written {
  readonly first: Json
  readonly whole: Json
  readonly pieces: ReadonlyArray<Told>
  readonly text: string
  readonly reasoning: string
}

const write = (drawn: Body, place: Json, callId: string): Written => {
  switch (drawn.kind) {
    case "message": {
      const part = (refusal: boolean, text: string): Json =>
        refusal ? { type: "refusal", refusal: text } : { type: "output_text", text, annotations: [] }
      return {
        first: { type: "message", role: "assistant", status: "in_progress", content: [] },
        whole: {
          type: "message",
          role: "assistant",
          status: "completed",
          content: drawn.parts.map(({ pieces, refusal }) => part(refusal, pieces.join("")))
        },
        pieces: drawn.parts.flatMap(({ pieces, refusal }, content_index) => [
          said(event("response.content_part.added", { ...place, content_index, part: part(refusal, "") })),
          ...pieces.map((delta) =>
            refusal
              ? said(event("response.refusal.delta", { ...place, content_index, delta }))
              : said(event("response.output_text.delta", { ...place, content_index, delta }), delta)
          )
        ]),
        text: drawn.parts.filter(({ refusal }) => !refusal).flatMap(({ pieces }) => pieces).join(""),
        reasoning: ""
      }
    }
    case "reasoning": {
      const text = drawn.pieces.join("")
      const list = drawn.summary
        ? { summary: [{ type: "summary_text", text }] }
        : { summary: [], content: [{ type: "reasoning_text", text }] }
      const type = drawn.summary ? "response.reasoning_summary_text.delta" : "response.reasoning_text.delta"
      return {
        first: { type: "reasoning", summary: [] },
        whole: { type: "reasoning", ...list, encrypted_content: "sealed" },
        pieces: drawn.pieces.map((delta) => said(event(type, { ...place, delta }), "", delta)),
        text: "",
        reasoning: text
      }
    }
    case "call": {
      const input = JSON.stringify({ city: drawn.pieces.join("") })
      const cuts = [0, ...drawn.pieces.map((_, n) => n + 1).filter((at) => at < input.length), input.length]
      const item = { type: "function_call", call_id: callId, name: "look_up" }
      return {
        first: { ...item, arguments: "", status: "in_progress" },
        whole: { ...item, arguments: input, status: "completed" },
        pieces: cuts.slice(1).map((to, n) =>
          said(event("response.function_call_arguments.delta", { ...place, delta: input.slice(cuts[n], to) }))
        ),
        text: "",
        reasoning: ""
      }
    }
    case "search":
      return {
        first: { type: "web_search_call", status: "in_progress" },
        whole: { type: "web_search_call", status: "completed", action: { type: "search", query: "rain" } },
        pieces: ["in_progress", "searching", "completed"].map((status) =>
          said(event(`response.web_search_call.${status}`, place))
        ),
        text: "",
        reasoning: ""
      }
  }
}

const plan = (drawn: Body, form: Form, index: number, callId: string): PlannedItem => {
  const own = form.id === "none" && drawn.kind !== "search" ? {} : { id: `item_${index}` }
  const place = { output_index: index, ...("id" in own ? { item_id: own.id } : {}) }
  const written = write(drawn, place, callId)
  const inPieces = form.told !== "done"
  const events = inPieces ? [...written.pieces] : []
  const announcement = said(
    event("response.output_item.added", { output_index: index, item: { ...own, ...written.first } })
  )
  if (form.announced <= events.length) events.splice(form.announced, 0, announcement)
  if (form.strange) events.push(said(event("response.tomorrow", { ...place, delta: { odd: true } })))
  if (form.told !== "pieces") {
    const done = event("response.output_item.done", { output_index: index, item: { ...own, ...written.whole } })
    events.push(inPieces ? said(done) : said(done, written.text, written.reasoning))
  }
  const item = form.id === "changing" && "id" in own
    ? { ...written.whole, id: `${own.id}_new` }
    : { ...own, ...written.whole }
  return { events, item, text: written.text, reasoning: written.reasoning }
}

const merged = <A>(queues: ReadonlyArray<ReadonlyArray<A>>, picks: ReadonlyArray<number>): ReadonlyArray<A> => {
  const left = queues.map((queue) => [...queue]).filter((queue) => queue.length > 0)
  const all: Array<A> = []
  for (let n = 0; left.length > 0; n++) {
    const at = (picks[n % Math.max(1, picks.length)] ?? 0) % left.length
    const [first] = left[at]?.splice(0, 1) ?? []
    if (first !== undefined) all.push(first)
    if (left[at]?.length === 0) left.splice(at, 1)
  }
  return all
}

const answer = FastCheck.record({
  items: FastCheck.array(FastCheck.tuple(body, form), { maxLength: 4 }),
  picks: FastCheck.array(FastCheck.nat(3), { maxLength: 8 }),
  /** Only the whole response. */
  silent: FastCheck.nat(4).map((drawn) => drawn === 0),
  /** After how many events the first attempt fails; `undefined` if it does not fail. */
  breaksAfter: FastCheck.option(FastCheck.nat(12), { freq: 3 })
})

const perform = (drawn: typeof answer extends FastCheck.Arbitrary<infer A> ? A : never, turn: number): PlannedRun => {
  const items = (attempt: number) =>
    drawn.items.map(([body, form], index) => plan(body, form, index, `call_${turn}_${attempt}_${index}`))
  const attempt = (attempt: number, length = Number.POSITIVE_INFINITY) => {
    const told = merged(items(attempt).map(({ events }) => events), drawn.picks).slice(0, length)
    return {
      events: [turnStart(turn, attempt), ...told.map(({ event }) => event)],
      text: told.map(({ text }) => text).join(""),
      reasoning: told.map(({ reasoning }) => reasoning).join("")
    }
  }
  const broken = drawn.breaksAfter === null ? undefined : attempt(1, drawn.breaksAfter)
  const last = items(2)
  const good = drawn.silent
    ? {
      events: [turnStart(turn, 2)],
      text: last.map(({ text }) => text).join(""),
      reasoning: last.map(({ reasoning }) => reasoning).join("")
    }
    : attempt(2)
  const output = last.map(({ item }) => item)
  return {
    events: [
      ...(broken === undefined ? [] : [...broken.events, turnRetry(turn)]),
      ...good.events,
      turnEnd(turn, output),
      ...output.filter((item) => item["type"] === "function_call").flatMap((item): ReadonlyArray<AgentEvent> => [
        {
          type: "tool.result",
          status: "success",
          turn,
          toolCallId: String(item["call_id"]),
          name: String(item["name"]),
          arguments: parseJson(String(item["arguments"]))?.value,
          result: {},
          encoded: {}
        },
        {
          type: "tool.call_output",
          turn,
          output: { type: "function_call_output", call_id: String(item["call_id"]), output: "{}" }
        }
      ])
    ],
    text: (broken?.text ?? "") + good.text,
    reasoning: (broken?.reasoning ?? "") + good.reasoning,
    items: output
  }
}

/** A run of up to three turns. */
export const plannedRun: FastCheck.Arbitrary<PlannedRun> = FastCheck.array(answer, { minLength: 1, maxLength: 3 }).map(
  (answers) => {
    const turns = answers.map((drawn, n) => perform(drawn, n + 1))
    return {
      events: turns.flatMap(({ events }) => events),
      text: turns.map(({ text }) => text).join(""),
      reasoning: turns.map(({ reasoning }) => reasoning).join(""),
      items: turns.flatMap(({ items }) => items)
    }
  }
)
