/** Finds text of the document in ours: no run of six words may be the same. */
import { isObject, type Json } from "./json.js"

const runLength = 6

/** Names of the API such as `low-to-high` are one word each. */
const words = (text: string): ReadonlyArray<string> => text.toLowerCase().match(/[a-z0-9]+(?:[-_./][a-z0-9]+)*/g) ?? []

export const runs = (text: string): ReadonlyArray<string> => {
  const all = words(text)
  return all.slice(0, Math.max(0, all.length - runLength + 1)).map((_, i) => all.slice(i, i + runLength).join(" "))
}

const prose = new Set(["description", "summary", "title"])

/** Every text of a document that is written for people. */
export const proseOf = (json: Json | undefined): ReadonlyArray<string> =>
  Array.isArray(json)
    ? json.flatMap(proseOf)
    : isObject(json)
    ? Object.entries(json).flatMap(([key, value]) =>
      prose.has(key) && typeof value === "string" ? [value] : proseOf(value)
    )
    : []

/** The runs of words that `texts` share with the prose of the document, with where they are. */
export const shared = (known: ReadonlySet<string>, texts: ReadonlyMap<string, string>): ReadonlyArray<string> =>
  [...texts].flatMap(([path, text]) =>
    [...new Set(runs(text))].filter((run) => known.has(run)).map((run) => `${path}: ${run}`)
  )
