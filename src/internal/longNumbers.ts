/** JSON whose numbers are not rounded: a JavaScript number holds integers up to 2^53 and about 16 digits. */
import { isObject, parseJson } from "./json.js"

/**
 * A number of a JSON text that a JavaScript number may round: an integer that is not safe, or a decimal with too many
 * digits.
 *
 * @internal
 */
export class LongNumber {
  /** @param text - The number as it is written. */
  constructor(readonly text: string) {}

  /** The same number, if a JavaScript number holds it. */
  get number(): number | undefined {
    return isExact(this.text) ? Number(this.text) : undefined
  }

  /** The same number without limits, if it is written as an integer. */
  get integer(): bigint | undefined {
    return isInteger(this.text) ? BigInt(this.text) : undefined
  }

  /** The number if that is exact, else its digits. */
  get plain(): number | string {
    return this.number ?? this.text
  }
}

const isInteger = (text: string): boolean => /^-?\d+$/.test(text)

const isLong = (text: string): boolean => isInteger(text) ? !Number.isSafeInteger(Number(text)) : !isExact(text)

/** An integer has to be the same when it is printed and when it is converted to a bigint. */
const isExact = (text: string): boolean => {
  const number = Number(text)
  return Number.isFinite(number) && decimal(String(number)) === decimal(text) &&
    (!isInteger(text) || BigInt(number) === BigInt(text))
}

/**
 * The same text for each notation of a number: `1.50` and `15e-1` are `15e-1`.
 *
 * @internal
 */
export const decimal = (text: string): string => {
  const [, sign = "", whole = "", part = "", exponent = "0"] = /^(-?)(\d+)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const digits = whole + part
  let start = 0
  while (digits[start] === "0") start++
  let end = digits.length
  while (end > start && digits[end - 1] === "0") end--
  if (start === end) return "0"
  return `${sign}${digits.slice(start, end)}e${Number(exponent) - part.length + digits.length - end}`
}

/** Whether a text may have a {@link LongNumber}: one has at least 16 digits, or an exponent of three. */
const mayBeLong = /[\d.]{16}|[eE][+-]?\d{3}/

/**
 * Parses JSON. Each number that may be rounded becomes a {@link LongNumber}; all else is as `JSON.parse` returns it. The
 * time is in proportion to the length of the text, and nesting uses no stack.
 *
 * @internal
 */
export const parseExactJson = (text: string): { readonly value: unknown } | undefined => {
  const parsed = parseJson(text)
  if (parsed === undefined || !mayBeLong.test(text)) return parsed
  const quoted = parseJson(withLongNumbersQuoted(text))
  return quoted === undefined ? parsed : { value: replaced(parsed.value, quoted.value) }
}

const withLongNumbersQuoted = (json: string): string => {
  const parts: Array<string> = []
  const token = /"|-?\d[\d.eE+-]*/g
  let kept = 0
  for (let match = token.exec(json); match !== null; match = token.exec(json)) {
    const [text] = match
    if (text === "\"") token.lastIndex = endOfString(json, match.index)
    else if (isLong(text)) {
      parts.push(json.slice(kept, match.index), `"${text}"`)
      kept = token.lastIndex
    }
  }
  return parts.join("") + json.slice(kept)
}

const endOfString = (json: string, start: number): number => {
  const mark = /["\\]/g
  mark.lastIndex = start + 1
  for (let match = mark.exec(json); match !== null; match = mark.exec(json)) {
    if (match[0] === "\"") return mark.lastIndex
    mark.lastIndex++
  }
  return json.length
}

/** Both values came from the same text. A number in the one that is a string in the other was quoted. */
const replaced = (value: unknown, quoted: unknown): unknown => {
  const root = [value]
  const stack: Array<readonly [unknown, unknown]> = [[root, [quoted]]]
  for (let pair = stack.pop(); pair !== undefined; pair = stack.pop()) {
    const [container, texts] = pair
    if (!isContainer(container) || !isContainer(texts)) continue
    for (const key of Object.keys(container)) {
      const text = texts[key]
      if (typeof container[key] === "number" && typeof text === "string") container[key] = new LongNumber(text)
      else if (typeof text === "object") stack.push([container[key], text])
    }
  }
  return root[0]
}

/**
 * Replaces each {@link LongNumber} within a value of JSON, in place: by the number if that is exact, else by its digits.
 *
 * @internal
 */
export const plainJson = (value: unknown): unknown => {
  const root = [value]
  const stack: Array<unknown> = [root]
  while (stack.length > 0) {
    const container = stack.pop()
    if (!isContainer(container)) continue
    for (const key of Object.keys(container)) {
      const item = container[key]
      if (item instanceof LongNumber) container[key] = item.plain
      else if (typeof item === "object") stack.push(item)
    }
  }
  return root[0]
}

/** A list or an object of a parsed JSON text. Each key is its own property, `__proto__` too. */
type Container = { [key: string]: unknown }

const isContainer = (value: unknown): value is Container => Array.isArray(value) || isObject(value)

/**
 * Parses JSON to plain values. The digits of a number that would be rounded become a string.
 *
 * @internal
 */
export const parseUnrounded = (text: string): { readonly value: unknown } | undefined => {
  const parsed = parseExactJson(text)
  return parsed && { value: plainJson(parsed.value) }
}
