import { encodeBase64 } from "../../internal/effect/base64.js"

/**
 * A text, or what it says once escapes in it are resolved.
 *
 * @internal
 */
export interface Layer {
  readonly text: string
  /** Where in the original text the character at `index` begins. */
  readonly at: (index: number) => number
}

/** The escapes of JSON, and two of other notations. Each stands for one character, as all of the escapes below. */
const backslashed = /\\(?:u[\da-fA-F]{4}|x[\da-fA-F]{2}|["'\\/bfnrt])/g

/** The escapes of URLs and of HTML. Those of URLs beyond ASCII stand for a part of a character, so they stay. */
const ofTheWeb = /%[0-7][\da-fA-F]|&(?:#[xX][\da-fA-F]{1,4}|#\d{1,4}|amp|apos|gt|lt|quot);/g

const escaped = new RegExp(`${backslashed.source}|${ofTheWeb.source}`, "g")

const named: ReadonlyMap<string, string> = new Map([
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["amp", "&"],
  ["apos", "'"],
  ["gt", ">"],
  ["lt", "<"],
  ["quot", "\""]
])

/** JSON within JSON has a layer for each of its levels. Texts with more levels do not occur, and each costs a search. */
const maxLevels = 8

/**
 * A text, and all that it says when the escapes of JSON, of JSON within JSON, of URLs and of pages in it are resolved.
 *
 * @internal
 */
export const layersOf = function*(text: string): Generator<Layer> {
  let layer: Layer | undefined = { text, at: (index) => index }
  for (let level = 0; layer !== undefined && level < maxLevels; level++) {
    yield layer
    let inner = resolve(layer, ofTheWeb)
    for (let depth = 0; inner !== undefined && depth < maxLevels / 2; depth++) {
      yield inner
      inner = resolve(inner, escaped)
    }
    layer = resolve(layer, backslashed)
  }
}

/**
 * All matches of a pattern. Most texts have none, and to find that out with `search` costs a tenth of `matchAll`.
 *
 * @internal
 */
export const matchesIn = (text: string, pattern: RegExp): Iterable<RegExpExecArray> =>
  text.search(pattern) < 0 ? [] : text.matchAll(pattern)

/** The layer below: the text with each escape resolved once; undefined if it has none. */
const resolve = (outer: Layer, escape: RegExp): Layer | undefined => {
  const pieces: Array<string> = []
  /** Where each escape ends: in the new text, and in the outer one. */
  const ends: Array<number> = []
  const outerEnds: Array<number> = []
  let length = 0
  let read = 0
  for (const match of matchesIn(outer.text, escape)) {
    pieces.push(outer.text.slice(read, match.index), characterOf(match[0]))
    length += match.index - read + 1
    read = match.index + match[0].length
    ends.push(length)
    outerEnds.push(read)
  }
  if (ends.length === 0) return undefined
  pieces.push(outer.text.slice(read))
  return {
    text: pieces.join(""),
    at: (index) => {
      const passed = countUpTo(ends, index) - 1
      return outer.at(index + (outerEnds[passed] ?? 0) - (ends[passed] ?? 0))
    }
  }
}

/** How many of the numbers, which increase, are at most `limit`. */
const countUpTo = (numbers: ReadonlyArray<number>, limit: number): number => {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((numbers[middle] ?? 0) <= limit) low = middle + 1
    else high = middle
  }
  return low
}

const characterOf = (escape: string): string => {
  const [, hex] = /^(?:\\[ux]|%|&#[xX])([\da-fA-F]+)/.exec(escape) ?? []
  if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16))
  const name = escape.replace(/^[\\&]|;$/g, "")
  return name.startsWith("#") ? String.fromCharCode(Number(name.slice(1))) : named.get(name) ?? name
}

/**
 * What a secret looks like in a text whose escapes are resolved: itself, itself with its own escapes resolved, and in
 * base64.
 *
 * @internal
 */
export const spellingsOf = (secret: string): ReadonlyArray<string> => {
  const texts = Array.from(layersOf(secret), (layer) => layer.text)
  const beyondAscii = secret.replace(/[\x80-\ud7ff\ue000-\uffff]+/g, encodeURIComponent)
  return [...texts, beyondAscii, ...inBase64(secret)].filter((text) => text.length >= minLength)
}

const minLength = 4

/**
 * The part of its base64 that does not depend on what surrounds the secret: three bytes become four characters, so
 * there is one form for each remainder.
 */
const inBase64 = (secret: string): ReadonlyArray<string> => {
  const bytes = new TextEncoder().encode(secret)
  return [0, 1, 2].flatMap((before) => {
    const padded = new Uint8Array(before + bytes.length)
    padded.set(bytes, before)
    const whole = padded.subarray(0, padded.length - padded.length % 3)
    const form = encodeBase64(whole).slice(before === 0 ? 0 : before + 1)
    return form.length < 8 ? [] : [form, form.replaceAll("+", "-").replaceAll("/", "_")]
  })
}
