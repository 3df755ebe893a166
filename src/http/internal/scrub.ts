import { isObject, type JsonObject, parseJson } from "../../internal/json.js"
import { type Layer, layersOf, matchesIn, spellingsOf } from "./spellings.js"

/**
 * Removes secrets from a text.
 *
 * @internal
 */
export type Scrub = (text: string) => string

const replacement = "<redacted>"

const openRouterKey = /sk-or-[\w-]{6,}/g

const accountId = /(?<="user_id"\s{0,16}:\s{0,16}")(?:user|org)_[^"]*/g

/**
 * A function that removes secrets in any spelling, and with them every key of OpenRouter and the id of the account.
 * Servers and runtimes repeat what they were sent, so every text of an error passes through it.
 *
 * @internal
 */
export const makeScrub = (secrets: ReadonlyArray<string>): Scrub => {
  const shortest = Math.min(...secrets.map((secret) => secret.length))
  let spellings: ReadonlyArray<string> | undefined
  return (text) => {
    // No spelling is shorter than the secret, and ids from headers come with every response
    const known = text.length < shortest ? [] : spellings ??= [...new Set(secrets.flatMap(spellingsOf))]
    const found = new Ranges(text)
    for (const match of matchesIn(text, accountId)) found.add(match.index, match.index + match[0].length)
    for (const layer of layersOf(text)) {
      for (const match of matchesIn(layer.text, openRouterKey)) found.addFrom(layer, match.index, match[0].length)
      for (const spelling of known) {
        for (let at = layer.text.indexOf(spelling); at >= 0; at = layer.text.indexOf(spelling, at + 1)) {
          found.addFrom(layer, at, spelling.length)
        }
      }
    }
    return found.replaced()
  }
}

/** The parts of a text that must go. They may overlap. */
class Ranges {
  private readonly ranges: Array<readonly [start: number, end: number]> = []

  constructor(private readonly text: string) {}

  add(start: number, end: number): void {
    const last = this.ranges.at(-1)
    if (last !== undefined && last[0] <= start && start <= last[1]) {
      this.ranges[this.ranges.length - 1] = [last[0], Math.max(last[1], end)]
    } else this.ranges.push([start, end])
  }

  addFrom(layer: Layer, start: number, length: number): void {
    this.add(layer.at(start), layer.at(start + length))
  }

  replaced(): string {
    if (this.ranges.length === 0) return this.text
    const pieces: Array<string> = []
    let read = 0
    for (const [start, end] of this.ranges.sort(([a], [b]) => a - b)) {
      if (start >= read) pieces.push(this.text.slice(read, start), replacement)
      read = Math.max(read, end)
    }
    return pieces.join("") + this.text.slice(read)
  }
}

/**
 * A JSON value without the secrets in its texts and keys. It is a copy; what is neither an array nor a plain object
 * stays as it is.
 *
 * @internal
 */
export const scrubValue = <A>(value: A, scrub: Scrub): A => {
  // An explicit stack, because a server decides how deep a value is
  const open: Array<() => void> = []
  const copy = (value: unknown, name: string): unknown => {
    if (typeof value === "string") return name === "user_id" && /^(user|org)_/.test(value) ? replacement : inText(value)
    if (Array.isArray(value)) {
      const items: Array<unknown> = []
      open.push(() => {
        for (const item of value) items.push(copy(item, ""))
      })
      return items
    }
    if (!isPlain(value)) return value
    const fields = {}
    open.push(() => {
      for (const key of Object.keys(value)) {
        // An assignment would set the prototype if the key is `__proto__`
        Object.defineProperty(fields, inText(key), { value: copy(value[key], key), ...ownField })
      }
    })
    return fields
  }
  /** Scrubs a text as JSON text, so that the ids of accounts in a text of the model are not taken for ours. */
  const inText = (text: string): string => {
    const json = JSON.stringify(text)
    const clean = scrub(json)
    return clean === json ? text : String(parseJson(clean)?.value ?? scrub(text))
  }
  const root = copy(value, "")
  for (let next = open.pop(); next !== undefined; next = open.pop()) next()
  // Texts stay texts, and everything else keeps its shape
  return root as A
}

const ownField = { configurable: true, enumerable: true, writable: true }

/**
 * Whether a value is an object of JSON, not an instance of a class.
 *
 * @internal
 */
export const isPlain = (value: unknown): value is JsonObject => {
  if (!isObject(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
