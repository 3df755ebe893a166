/**
 * Joins pieces of bytes.
 *
 * @internal
 */
export const concat = (parts: ReadonlyArray<Uint8Array>): Uint8Array<ArrayBuffer> => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/**
 * Decodes pieces of bytes as one text.
 *
 * @internal
 */
export const decodeText = (pieces: ReadonlyArray<Uint8Array>): string => {
  const [first = empty] = pieces
  return new TextDecoder().decode(pieces.length > 1 ? concat(pieces) : first)
}

const empty = new Uint8Array(0)
