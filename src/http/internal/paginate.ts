import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { fromPages } from "../../internal/effect/batches.js"
import { arrayAt, isObject, type JsonObject, numberAt, stringAt } from "../../internal/json.js"
import type { Row } from "../row.js"

/**
 * The items of all pages, from the page that `params` names on. A page is requested when its first item is read.
 *
 * @internal
 */
export const paginate = <E, R>(
  row: Row,
  list: (params: unknown) => Effect.Effect<unknown, E, R>,
  params: unknown
): Stream.Stream<unknown, E, R> => {
  const first: Page = { params: isObject(params) ? params : {}, previous: undefined, limited: false }
  const nextParams = row.paging === "cursor" ? nextCursor(row) : nextOffset
  return fromPages(first, (page: Page) =>
    Effect.map(list(page.params), (response) => {
      const items = arrayAt(response, "data")
      const json = JSON.stringify(items)
      // A server that ignores where a page should begin sends the same page again and again
      if (items.length === 0 || json === page.previous) return { items: [], next: undefined }
      const limited = page.limited || items.length === numberAt(page.params, "limit")
      const next = nextParams({ ...page, limited }, response, items.length)
      return {
        items: [...items],
        next: next === undefined ? undefined : { params: { ...page.params, ...next }, previous: json, limited }
      }
    }))
}

interface Page {
  readonly params: JsonObject
  /** The items of the page before, as JSON. */
  readonly previous: string | undefined
  /** Whether an earlier page had as many items as requested: a server may allow fewer. */
  readonly limited: boolean
}

type NextParams = (page: Page, response: unknown, count: number) => JsonObject | undefined

const nextOffset: NextParams = ({ limited, params }, response, count) => {
  const offset = (numberAt(params, "offset") ?? 0) + count
  const more = isObject(response) ? response["has_more"] : undefined
  const total = numberAt(response, "total_count")
  const isShort = limited && count < (numberAt(params, "limit") ?? 0)
  const isLast = typeof more === "boolean" ? !more : total === undefined ? isShort : offset >= total
  return isLast ? undefined : { offset }
}

/** The parameters that continue a listing. Where a listing has several, the first one counts. */
const cursors = ["cursor", "starting_after", "after"]

const nextCursor = (row: Row): NextParams => {
  const name = cursors.find((name) => row.query.includes(name)) ?? "cursor"
  return ({ params }, response) => {
    const cursor = stringAt(response, "cursor") ?? stringAt(response, "next_cursor") ??
      // Only a listing that continues after an item can continue after the last one
      (name === "after" && isObject(response) && response["has_more"] === true
        ? stringAt(response, "last_id")
        : undefined)
    return cursor === undefined || cursor === params[name] ? undefined : { [name]: cursor }
  }
}
