/**
 * Reasoning of chat messages (a list of `reasoning_details`) and of items (one item each). Several details may
 * belong to one item, and must be restored as the same details, because providers compare them byte by byte.
 */
import { isNotNullable, isNullable } from "effect/Predicate"
import { defined } from "../../../internal/json.js"
import type { ReasoningDetailUnion } from "../../../schema/ChatContent.js"
import type { Report } from "./conversion.js"
import type { Mark, Reasoning } from "./entry.js"

/** @internal */
export const readable = (item: Reasoning): string => [...item.summaries, ...item.texts].join("")

type Detail = Extract<
  ReasoningDetailUnion,
  { readonly type: "reasoning.text" } | { readonly type: "reasoning.summary" } | {
    readonly type: "reasoning.encrypted"
  }
>

/**
 * The details of an item of reasoning, numbered from `start`. Each has the id; beside encrypted reasoning, a summary has no
 * id.
 *
 * @internal
 */
export const toDetails = (item: Reasoning, start: number): ReadonlyArray<Detail> => {
  const { encrypted, format, id, marks, signature, summaries, texts } = item
  const idOfSummary = encrypted !== undefined && texts.length === 0 ? undefined : id
  const details: Array<Detail> = summaries.map((summary) =>
    defined({ type: "reasoning.summary", summary, id: idOfSummary, format })
  )
  texts.forEach((text, index) =>
    details.push(defined({
      type: "reasoning.text",
      text,
      signature: index === texts.length - 1 ? signature : undefined,
      id,
      format
    }))
  )
  if (texts.length === 0 && signature !== undefined) {
    details.push(defined({ type: "reasoning.text", signature, id, format }))
  }
  if (encrypted !== undefined) details.push(defined({ type: "reasoning.encrypted", data: encrypted, id, format }))
  return details.map((detail, position) => {
    const mark = marks?.length === details.length ? marks[position] : undefined
    const { id: _, ...unmarked } = detail
    return mark === undefined ? { ...detail, index: start + position } : { ...unmarked, ...mark }
  })
}

const rank = { "reasoning.summary": 0, "reasoning.text": 1, "reasoning.encrypted": 2 }

const belongs = (part: Detail, others: ReadonlyArray<Detail>): boolean => {
  const last = others.at(-1)
  if (last === undefined || last.format !== part.format || rank[part.type] < rank[last.type]) return false
  const signed = others.some((other) => other.type === "reasoning.text" && isNotNullable(other.signature))
  if (last.type === "reasoning.encrypted" || (part.type === "reasoning.text" && signed)) return false
  const id = others.find((other) => isNotNullable(other.id))?.id
  if (isNotNullable(part.id) && id === part.id) return true
  return isNullable(id) && last.type === "reasoning.summary" &&
    (part.type === "reasoning.encrypted" || (part.type === "reasoning.summary" && isNullable(part.id)))
}

const stringsOf = (values: ReadonlyArray<string | null | undefined>): ReadonlyArray<string> =>
  values.filter((value) => typeof value === "string")

const markOf = (detail: Detail): Mark => ({
  ...(detail.id === undefined ? {} : { id: detail.id }),
  ...(detail.index === undefined ? {} : { index: detail.index })
})

const isMarkedAs = (detail: Detail, other: Detail | undefined): boolean =>
  other !== undefined && detail.id === other.id && detail.index === other.index

interface DetailAt {
  readonly at: string
  readonly detail: Detail
}

const toReasoning = (parts: ReadonlyArray<DetailAt>, start: number, report: Report): Reasoning | undefined => {
  const details = parts.map(({ detail }) => detail)
  const texts = details.filter((detail) => detail.type === "reasoning.text")
  const item: Reasoning = {
    kind: "reasoning",
    at: parts[0]?.at ?? "",
    paths: parts.map(({ at }) => at),
    id: details.find((detail) => isNotNullable(detail.id))?.id ?? undefined,
    summaries: stringsOf(details.map((detail) => detail.type === "reasoning.summary" ? detail.summary : undefined)),
    texts: stringsOf(texts.map((detail) => detail.text)),
    signature: stringsOf(texts.map((detail) => detail.signature))[0],
    encrypted: stringsOf(details.map((detail) => detail.type === "reasoning.encrypted" ? detail.data : undefined))[0],
    format: details[0]?.format
  }
  const restored = toDetails(item, start)
  if (restored.length !== details.length) {
    for (const { at, detail } of parts) {
      report.add("label", at, detail, "a detail that holds no reasoning may be left out")
    }
    return restored.length === 0 ? undefined : item
  }
  return details.every((detail, index) => isMarkedAs(detail, restored[index]))
    ? item
    : { ...item, marks: details.map(markOf) }
}

const known: Readonly<Record<Detail["type"], ReadonlyArray<string>>> = {
  "reasoning.summary": ["type", "id", "index", "format", "summary"],
  "reasoning.text": ["type", "id", "index", "format", "text", "signature"],
  "reasoning.encrypted": ["type", "id", "index", "format", "data"]
}

/** @internal */
export const fromDetails = (
  details: ReadonlyArray<ReasoningDetailUnion>,
  path: string,
  report: Report
): ReadonlyArray<Reasoning> => {
  const groups: Array<Array<DetailAt>> = []
  details.forEach((detail, index) => {
    const at = `${path}.${index}`
    switch (detail.type) {
      case "reasoning.summary":
      case "reasoning.text":
      case "reasoning.encrypted": {
        report.rest(detail, at, known[detail.type])
        const group = groups.at(-1)
        if (group !== undefined && belongs(detail, group.map((part) => part.detail))) group.push({ at, detail })
        else groups.push([{ at, detail }])
        return
      }
      default:
        report.add("content", at, detail, `only chat messages have reasoning details of type "${detail.type}"`)
    }
  })
  let start = 0
  return groups.flatMap((group) => {
    const item = toReasoning(group, start, report)
    start += group.length
    return item === undefined ? [] : [item]
  })
}
