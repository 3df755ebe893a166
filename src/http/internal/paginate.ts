import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Row } from "../Row.js"
import { arrayAt, isObject, type JsonObject, numberAt, stringAt } from "./json.js"

/**
 * The items of all pages, from the page that `params` names on. A page is asked for when its first item is wanted.
 *
 * @internal
 */
export const paginate = <E, R>(
  row: Row,
  list: (params: unknown) => Effect.Effect<unknown, E, R>,
  params: unknown
): Stream.Stream<unknown, E, R> => {
  const first = isObject(params) ? params : {}
  const follow = row.paging === "cursor" ? nextCursor(row) : nextOffset
  return Stream.paginateChunkEffect(
    { params: first, previous: "" },
    (page) =>
      Effect.map(list(page.params), (answer) => {
        const items = arrayAt(answer, "data")
        const shown = JSON.stringify(items[0] ?? null)
        // A server that ignores where a page should begin sends the same page again and again
        const repeated = page.previous !== "" && shown === page.previous
        const next = repeated || items.length === 0 ? undefined : follow(page.params, answer, items.length)
        return [
          repeated ? Chunk.empty() : Chunk.unsafeFromArray([...items]),
          next === undefined ? Option.none() : Option.some({ params: { ...page.params, ...next }, previous: shown })
        ]
      })
  )
}

type Follow = (params: JsonObject, answer: unknown, count: number) => JsonObject | undefined

const nextOffset: Follow = (params, answer, count) => {
  const offset = (numberAt(params, "offset") ?? 0) + count
  const total = numberAt(answer, "total_count")
  const limit = numberAt(params, "limit")
  const last = isObject(answer) && answer["has_more"] === false ||
    (total === undefined ? limit !== undefined && count < limit : offset >= total)
  return last ? undefined : { offset }
}

/** By which parameter a listing goes on, in the order in which they count where it has several. */
const cursors = ["cursor", "starting_after", "after"]

const nextCursor = (row: Row): Follow => {
  const name = cursors.find((name) => row.query.includes(name)) ?? "cursor"
  return (params, answer) => {
    const cursor = stringAt(answer, "cursor") ?? stringAt(answer, "next_cursor") ??
      // Only a listing that goes on after an item can go on after the last one
      (name === "after" && isObject(answer) && answer["has_more"] === true ? stringAt(answer, "last_id") : undefined)
    return cursor === undefined || cursor === params[name] ? undefined : { [name]: cursor }
  }
}
