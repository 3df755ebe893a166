/** Text that every provider can read. */

/**
 * What cannot be sent: halves of characters, which UTF-8 does not have, and NUL, which some servers refuse.
 */
const unreadable = /\p{Surrogate}|\0/gu

const replacement = "\ufffd"

/**
 * The text in well-formed Unicode.
 *
 * @internal
 */
export const wellFormed = (text: string): string => text.replace(unreadable, replacement)

/** A pair of escaped halves, an escaped half or NUL, any other escape. */
const escapes =
  /\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|(\\u(?:[dD][89a-fA-F][\da-fA-F]{2}|0000))|\\[^]/g

/**
 * A JSON text in well-formed Unicode, also in what it escapes.
 *
 * @internal
 */
export const wellFormedJson = (json: string): string =>
  wellFormed(json).replace(
    escapes,
    (escape: string, half: string | undefined) => half === undefined ? escape : "\\ufffd"
  )

/**
 * The text in well-formed Unicode, with every character that Unicode has.
 *
 * @internal
 */
export const withoutHalves = (text: string): string => text.replace(/\p{Surrogate}/gu, replacement)

/**
 * A value whose texts and keys are clean. A value that already is, is returned itself.
 *
 * @internal
 */
export const cleanValue = <A>(value: A, clean: (text: string) => string): A => {
  // Texts become texts, and everything else keeps its form
  if (typeof value === "string") return clean(value) as A
  if (typeof value !== "object" || value === null) return value
  let isClean = true
  const entries = Object.entries(value).map(([key, inner]) => {
    const entry = [clean(key), cleanValue(inner, clean)]
    isClean &&= entry[0] === key && entry[1] === inner
    return entry
  })
  if (isClean) return value
  // As above
  return (Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries)) as A
}

/**
 * Whether a text says nothing. Several providers refuse such a text.
 *
 * @internal
 */
export const isBlank = (text: unknown): boolean => typeof text !== "string" || text.trim() === ""
