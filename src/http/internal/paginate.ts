import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { fromPages } from "../../internal/effect/batches.js"
import { arrayAt, isObject, type JsonObject, numberAt, stringAt } from "../../internal/json.js"
import type { Row } from "../row.js"

/**
 * The items of all pages, from the page that `params` names on. A page is requested when its first item is read. The
 * listing ends, whatever the server says, where it would begin again: at a cursor that was used before, at the same
 * records twice in a row, or after three pages without a new record.
 *
 * @internal
 */
export const paginate = <E, R>(
  row: Row,
  list: (params: unknown) => Effect.Effect<unknown, E, R>,
  params: unknown
): Stream.Stream<unknown, E, R> =>
  Stream.suspend(() => {
    const first: Page = { params: isObject(params) ? params : {}, limited: false }
    const paramsAfter = pagingOf(row)
    const records = new Records()
    return fromPages(first, (page: Page) =>
      Effect.map(list(page.params), (response) => {
        const items = arrayAt(response, "data")
        const news = records.add(items)
        if (items.length === 0 || news === "none") return { items: [], next: undefined }
        const limited = page.limited || items.length === numberAt(page.params, "limit")
        const next = paramsAfter({ ...page, limited }, response, items.length)
        return {
          items: news === "old" ? [] : [...items],
          next: next === undefined ? undefined : { params: { ...page.params, ...next }, limited }
        }
      }))
  })

/**
 * The parameters of the next page; undefined after the last page.
 *
 * @internal
 */
export const nextParams = (row: Row, params: unknown, response: unknown): JsonObject | undefined => {
  const page: Page = { params: isObject(params) ? params : {}, limited: false }
  const count = arrayAt(response, "data").length
  const next = count === 0 ? undefined : pagingOf(row)(page, response, count)
  return next && { ...page.params, ...next }
}

interface Page {
  readonly params: JsonObject
  /** Whether an earlier page had as many items as requested: a server may allow fewer. */
  readonly limited: boolean
}

const maxOldPages = 3

/**
 * The records that a listing had. Their other fields may change from page to page, and a record that is added at the
 * beginning moves the others to the next page, so a single page of old records does not mean that all pages are.
 */
class Records {
  private readonly seen = new Set<string>()
  private previous = ""
  private oldPages = 0

  /** Adds a page: `new` for one with a new record, `old` for one without, `none` where no new one will come. */
  add(items: ReadonlyArray<unknown>): "new" | "old" | "none" {
    const ids = items.map(idOf)
    const page = JSON.stringify(items.map((item, index) => ids[index] ?? item))
    if (page === this.previous) return "none"
    this.previous = page
    // A record without an id may be equal to another one
    const isOld = ids.every((id) => id !== undefined && this.seen.has(id))
    for (const id of ids) if (id !== undefined) this.seen.add(id)
    this.oldPages = isOld ? this.oldPages + 1 : 0
    return !isOld ? "new" : this.oldPages < maxOldPages ? "old" : "none"
  }
}

const idOf = (item: unknown): string | undefined => stringAt(item, "id") ?? stringAt(item, "hash")

/** The parameters that differ on the next page. */
type Paging = (page: Page, response: unknown, count: number) => JsonObject | undefined

const pagingOf = (row: Row): Paging => row.paging === "cursor" ? nextCursor(row) : nextOffset

const nextOffset: Paging = ({ limited, params }, response, count) => {
  const offset = (numberAt(params, "offset") ?? 0) + count
  const more = isObject(response) ? response["has_more"] : undefined
  const total = numberAt(response, "total_count")
  const isShort = limited && count < (numberAt(params, "limit") ?? 0)
  const isLast = typeof more === "boolean" ? !more : total === undefined ? isShort : offset >= total
  return isLast ? undefined : { offset }
}

/** The parameters that continue a listing. Where a listing has several, the first one counts. */
const cursors = ["cursor", "starting_after", "after"]

const nextCursor = (row: Row): Paging => {
  const name = cursors.find((name) => row.query.includes(name)) ?? "cursor"
  const used = new Set<unknown>()
  return ({ params }, response) => {
    const cursor = stringAt(response, "cursor") ?? stringAt(response, "next_cursor") ??
      // Only a listing that continues after an item can continue after the last one
      (name === "after" && isObject(response) && response["has_more"] === true
        ? stringAt(response, "last_id")
        : undefined)
    used.add(params[name])
    return cursor === undefined || used.has(cursor) ? undefined : { [name]: cursor }
  }
}
