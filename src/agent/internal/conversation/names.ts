import * as Effect from "effect/Effect"
import { sha256 } from "../../../services/internal/pkce.js"
import type { ConversationStoreError } from "../../ConversationError.js"
import { noDigest } from "./errors.js"

const longest = 120

/** No two ids give the same text, and none a capital letter: some file systems do not tell them from small ones. */
const escape = (id: string): string =>
  id.replace(/[^a-z0-9_-]/g, (unit) => `.${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

/**
 * A name for an id that any file system can hold, and that is one file name whatever the id: short ids stay readable,
 * long ones become a digest.
 *
 * @internal
 */
export const nameOf = (id: string): Effect.Effect<string, ConversationStoreError> => {
  const name = escape(id)
  return name.length <= longest ? Effect.succeed(`c-${name}`) : Effect.flatMap(
    sha256(name),
    (digest) => digest === undefined ? Effect.fail(noDigest(id)) : Effect.succeed(`h-${digest.toLowerCase()}`)
  )
}

/**
 * The number of an append in the name of its document, so that names sort as numbers do.
 *
 * @internal
 */
export const numbered = (number: number): string => `${number}`.padStart(6, "0")
