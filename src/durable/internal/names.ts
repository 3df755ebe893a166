/** The names that an engine knows activities, clocks and deferreds by. */
import * as Effect from "effect/Effect"
import { sha256 } from "../../internal/crypto.js"

/** Engines over SQL keep a name in a column of 255 characters, together with the name of the workflow and the execution. */
const longest = 96

/** `encodeURIComponent` refuses halves of surrogate pairs, and never writes `%u`. */
const encoded = (part: string | number): string =>
  String(part).replace(
    /\p{Cs}|\P{Cs}+/gu,
    (text) => /^\p{Cs}$/u.test(text) ? `%u${text.charCodeAt(0).toString(16)}` : encodeURIComponent(text)
  )

/**
 * A name of a kind and parts. Equal parts have the same name, and no others do. A part may be text of a model, so it adds no
 * separator; long names end in a digest.
 *
 * @internal
 */
export const nameOf = (kind: string, ...parts: ReadonlyArray<string | number>): Effect.Effect<string> => {
  const whole = [kind, ...parts.map(encoded)].join("/")
  return whole.length <= longest
    ? Effect.succeed(whole)
    : Effect.map(sha256(whole), (digest = whole) => `${kind}/${digest}`)
}
