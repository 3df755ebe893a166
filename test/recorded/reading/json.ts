/** Reads JSON of any shape. */

export type Fields = Readonly<Record<string, unknown>>

export const isFields = (u: unknown): u is Fields => typeof u === "object" && u !== null && !Array.isArray(u)

export const fields = (u: unknown): Fields => isFields(u) ? u : {}

export const list = (u: unknown): ReadonlyArray<unknown> => Array.isArray(u) ? u : []

export const objects = (u: unknown): ReadonlyArray<Fields> => list(u).filter(isFields)

/** The text, or undefined for anything that is not one or is empty. */
export const text = (u: unknown): string | undefined => typeof u === "string" && u !== "" ? u : undefined

export const number = (u: unknown): number | undefined => typeof u === "number" ? u : undefined

export const parse = (json: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(json) }
  } catch {
    return undefined
  }
}

/** The texts that objects have under a key, joined; undefined if no object has one. */
export const joined = (pieces: ReadonlyArray<Fields>, key: string): string | undefined => {
  const texts = pieces.map((piece) => piece[key]).filter((value) => typeof value === "string")
  return texts.length === 0 ? undefined : texts.join("")
}

/** The last value of each key that is not null or "", if there is one. */
export const latest = (pieces: ReadonlyArray<Fields>, except: ReadonlyArray<string> = []): Fields => {
  const keys = new Set(pieces.flatMap((piece) => Object.keys(piece)).filter((key) => !except.includes(key)))
  return Object.fromEntries(
    Array.from(keys, (key) => {
      const values = pieces.map((piece) => piece[key]).filter((value) => value !== undefined)
      return [key, values.findLast((value) => value !== null && value !== "") ?? values[0]]
    })
  )
}

/** The value without null and undefined at any depth, because the wire uses both for an absent value. */
export const withoutNulls = (u: unknown): unknown => {
  if (Array.isArray(u)) return u.map(withoutNulls)
  if (!isFields(u)) return u
  return Object.fromEntries(
    Object.entries(u).filter(([, value]) => value !== null && value !== undefined)
      .map(([key, value]) => [key, withoutNulls(value)])
  )
}

/** Objects by a key, in the order in which their keys first appear. */
export const grouped = <A>(items: ReadonlyArray<A>, key: (item: A) => string): ReadonlyArray<ReadonlyArray<A>> => {
  const groups = new Map<string, Array<A>>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group === undefined) groups.set(key(item), [item])
    else group.push(item)
  }
  return [...groups.values()]
}
