/** The keys of conversations: texts that every database compares byte by byte, and can have in an index. */
import * as Effect from "effect/Effect"
import type { ConversationStoreError } from "../../agent/Conversation.js"
import { noDigest } from "../../agent/conversationStore.js"
import { sha256 } from "../../internal/crypto.js"

/** The longest key that is the id itself, in bytes of UTF-8. */
const longest = 900

/** How much of a longer id its key shows. With the digest it is longer than `longest`, so it equals no other key. */
const shown = 890

/** An id without what a database cannot store in a text: NUL, and halves of a surrogate pair. */
const escaped = (id: string): string =>
  id.replace(/[\\\0]|\p{Cs}/gu, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

const bytesOf = (text: string): number => new TextEncoder().encode(text).length

/** The first characters of a text that take at most so many bytes. */
const cut = (text: string, bytes: number): string => {
  let taken = ""
  let left = bytes
  for (const character of text) {
    left -= bytesOf(character)
    if (left < 0) break
    taken += character
  }
  return taken
}

/**
 * The id as a database stores it.
 *
 * @internal
 */
export const storedId = escaped

/**
 * The id of a stored one.
 *
 * @internal
 */
export const idOf = (stored: string): string =>
  stored.replace(/\\u([0-9a-f]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))

/**
 * The key of a conversation: its id, or the beginning of a long one with a digest.
 *
 * @internal
 */
export const keyOf = (id: string): Effect.Effect<string, ConversationStoreError> => {
  const text = escaped(id)
  if (bytesOf(text) <= longest) return Effect.succeed(text)
  return Effect.flatMap(
    sha256(text),
    (digest) => digest === undefined ? Effect.fail(noDigest(id)) : Effect.succeed(`${cut(text, shown)}#${digest}`)
  )
}

/**
 * The keys of all ids that begin with a text are in this range; those of others may be, too. Without `end`, it has no end.
 *
 * @internal
 */
export const rangeOf = (prefix: string): { readonly start: string; readonly end: string | undefined } => {
  // The second half of a pair may follow
  const start = cut(escaped(prefix.replace(/[\uD800-\uDBFF]$/, "")), shown)
  const characters = [...start]
  for (let last = characters.pop(); last !== undefined; last = characters.pop()) {
    const next = (last.codePointAt(0) ?? 0) + 1
    if (next <= 0x10ffff) {
      // Halves of a pair are no characters
      return { start, end: characters.join("") + String.fromCodePoint(next === 0xd800 ? 0xe000 : next) }
    }
  }
  return { start, end: undefined }
}
