/** Follows every value of a conversation through a conversion. */
import { assert } from "@effect/vitest"
import * as Predicate from "effect/Predicate"
import type { Conversion, Unsupported } from "../../../src/agent/Convert.js"
import { decodeBase64Text } from "../../../src/internal/effect/base64.js"

/** Fields with one of a few values, which differ between formats. */
const names = ["type", "role", "mode", "detail", "status", "format", "phase"]

/** Positions in a text, whose start differs between formats, and indexes of a list. */
const positions = ["start_index", "end_index", "index"]

/** Replaces the free strings and numbers in a value by unique ones. */
export const marked = (value: unknown): unknown => {
  let count = 0
  const visit = (value: unknown, key: string): unknown => {
    if (typeof value === "string") return names.includes(key) ? value : `<${count++}>`
    if (typeof value === "number") return positions.includes(key) ? Math.abs(value) % 1000 : 1_000_000 + count++
    if (Array.isArray(value)) return value.map((item) => visit(item, key))
    return Predicate.isRecord(value)
      ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visit(item, key)]))
      : value
  }
  return visit(value, "")
}

const inside = (text: string): ReadonlyArray<string> => {
  const data = /^data:[^,]*;base64,(.*)$/s.exec(text)?.[1]
  const decoded = data === undefined ? undefined : decodeBase64Text(data)
  return decoded === undefined ? [text] : [text, decoded]
}

/** All strings and numbers in a value, with the texts of the documents in them. */
export const leaves = (value: unknown): ReadonlyArray<string> => {
  if (typeof value === "string") return inside(value)
  if (typeof value === "number") return [String(value)]
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(leaves) : []
}

const marks = (value: unknown): ReadonlySet<string> =>
  new Set(leaves(value).flatMap((leaf) => leaf.match(/<\d+>|\b1\d{6}\b/g) ?? []))

/** Every mark of the input is in the output or in the report. */
export const assertNothingVanishes = (input: unknown, output: Conversion<unknown>): void => {
  const after = marks(output)
  const lost = [...marks(input)].filter((mark) => !after.has(mark))
  if (lost.length > 0) {
    assert.fail(`${lost.join(" ")} vanished\nfrom ${JSON.stringify(input)}\nto ${JSON.stringify(output)}`)
  }
}

const at = (value: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>(
    (step, key) => Predicate.isRecord(step) || Array.isArray(step) ? Reflect.get(step, key) : undefined,
    value
  )

/** Each reported value is at its reported path. */
export const assertPlaces = (input: unknown, unsupported: ReadonlyArray<Unsupported>): void => {
  for (const { path, reason, value } of unsupported) {
    assert.deepStrictEqual(at(input, path), value, `${path}: ${reason}`)
  }
}
