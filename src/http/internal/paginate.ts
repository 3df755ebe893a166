import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { arrayAt, isObject, type JsonObject, numberAt, stringAt } from "../../internal/json.js"
import type { Row } from "../row.js"

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
  const first: Page = { params: isObject(params) ? params : {}, previous: undefined, limited: false }
  const follow = row.paging === "cursor" ? nextCursor(row) : nextOffset
  return Stream.paginateChunkEffect(first, (page) =>
    Effect.map(list(page.params), (answer) => {
      const items = arrayAt(answer, "data")
      const shown = JSON.stringify(items)
      // A server that ignores where a page should begin sends the same page again and again
      if (items.length === 0 || shown === page.previous) return [Chunk.empty<unknown>(), Option.none<Page>()]
      const limited = page.limited || items.length === numberAt(page.params, "limit")
      const next = follow({ ...page, limited }, answer, items.length)
      return [
        Chunk.unsafeFromArray([...items]),
        Option.map(Option.fromNullable(next), (next) => ({
          params: { ...page.params, ...next },
          previous: shown,
          limited
        }))
      ]
    }))
}

interface Page {
  readonly params: JsonObject
  /** The items of the page before, as JSON. */
  readonly previous: string | undefined
  /** Whether a page had as many items as were asked for; a server may allow fewer. */
  readonly limited: boolean
}

type Follow = (page: Page, answer: unknown, count: number) => JsonObject | undefined

const nextOffset: Follow = ({ limited, params }, answer, count) => {
  const offset = (numberAt(params, "offset") ?? 0) + count
  const more = isObject(answer) ? answer["has_more"] : undefined
  const total = numberAt(answer, "total_count")
  const isShort = limited && count < (numberAt(params, "limit") ?? 0)
  const isLast = typeof more === "boolean" ? !more : total === undefined ? isShort : offset >= total
  return isLast ? undefined : { offset }
}

/** By which parameter a listing goes on, in the order in which they count where it has several. */
const cursors = ["cursor", "starting_after", "after"]

const nextCursor = (row: Row): Follow => {
  const name = cursors.find((name) => row.query.includes(name)) ?? "cursor"
  return ({ params }, answer) => {
    const cursor = stringAt(answer, "cursor") ?? stringAt(answer, "next_cursor") ??
      // Only a listing that goes on after an item can go on after the last one
      (name === "after" && isObject(answer) && answer["has_more"] === true ? stringAt(answer, "last_id") : undefined)
    return cursor === undefined || cursor === params[name] ? undefined : { [name]: cursor }
  }
}
