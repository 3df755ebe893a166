/** Keys, and the ways in which a server may write them. */
import * as FastCheck from "effect/FastCheck"

const latin1 = FastCheck.integer({ min: 0x21, max: 0xff }).filter((code) => code < 0x7f || code > 0x9f)
  .map((code) => String.fromCharCode(code))

/** A key of any characters that a header can hold. */
export const anyKey = FastCheck.string({ unit: latin1, minLength: 8, maxLength: 60 })

/** A key of the characters of keys, some of which JSON, URLs or pages write in another way. */
export const plainKey = FastCheck.string({
  unit: FastCheck.constantFrom(..."ABCxyz0189+/=_-."),
  minLength: 12,
  maxLength: 40
})

const hex = (character: string, length: number): string => character.charCodeAt(0).toString(16).padStart(length, "0")

const unicode = (character: string): string => `\\u${hex(character, 4)}`

/** How one character is written. All of them are escapes of ASCII. */
const writers: ReadonlyArray<(character: string) => string> = [
  (character) => character,
  unicode,
  (character) => unicode(character).toUpperCase().replace("\\U", "\\u"),
  (character) => `%${hex(character, 2)}`,
  (character) => `%${hex(character, 2).toUpperCase()}`,
  (character) => `&#${character.charCodeAt(0)};`,
  (character) => `&#x${hex(character, 2)};`
]

/** What is done with the whole text: it is put into JSON once more, or into a URL. */
const wrappers: ReadonlyArray<(text: string) => string> = [
  (text) => JSON.stringify(text).slice(1, -1),
  (text) => JSON.stringify(JSON.stringify(text)).slice(1, -1),
  (text) => Array.from(text, unicode).join(""),
  encodeURIComponent
]

/** A random spelling of an ASCII text. */
export const spelled = (text: string): FastCheck.Arbitrary<string> =>
  FastCheck.tuple(
    FastCheck.array(FastCheck.constantFrom(...writers), { minLength: text.length, maxLength: text.length }),
    FastCheck.array(FastCheck.constantFrom(...wrappers), { maxLength: 2 })
  ).map(([characters, around]) =>
    around.reduce(
      (rest, wrap) => wrap(rest),
      Array.from(text, (character, index) => characters[index]?.(character) ?? character).join("")
    )
  )
