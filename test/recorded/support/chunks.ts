/** Cuts a body into pieces. */

/** Random numbers from 0 to 1 that depend on the seed alone. */
export const random = (seed: string): () => number => {
  let state = 0x811c9dc5
  for (const character of seed) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** Pieces of the given lengths, and one with what is left. */
export const cut = (body: Uint8Array, lengths: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const pieces: Array<Uint8Array> = []
  let from = 0
  for (const length of [...lengths, body.length]) {
    const piece = body.subarray(from, from + length)
    if (piece.length > 0) pieces.push(piece)
    from += length
  }
  return pieces
}

/** About fifty pieces of any length down to a single byte, so that lines, characters and line ends are cut too. */
export const shred = (body: Uint8Array, seed: string): ReadonlyArray<Uint8Array> => {
  const next = random(seed)
  const usual = Math.max(4, body.length / 25)
  const lengths: Array<number> = []
  for (let left = body.length; left > 0; left -= lengths.at(-1) ?? left) {
    lengths.push(next() < 0.1 ? 1 : 1 + Math.floor(next() * usual))
  }
  return cut(body, lengths)
}
