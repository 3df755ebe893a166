/** What the conversion of a schema to JSON Schema says to those who call it. */

/** @internal */
export type Path = ReadonlyArray<string>

/**
 * The reason why a schema cannot be sent. The conversion throws it, and its entry catches it.
 *
 * @internal
 */
export class Refusal extends Error {
  /** `onlyStrict`: the schema could be sent if the model did not have to follow it. */
  constructor(readonly path: Path, message: string, readonly onlyStrict = false) {
    super(message)
  }
}

/**
 * Marks a JSON Schema of your own for a bigint: only the decoded value can be one, as JSON has numbers.
 *
 * @internal
 */
export const bigintMark = "x-bigint"
