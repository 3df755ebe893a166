/** The recorded exchanges, or an empty list where the fixture is missing. */
import { readFileSync } from "node:fs"
import { pathToFileURL } from "node:url"
import { traffic } from "../../../scripts/fixtures/fixtures.js"
import { type Fields, fields, isFields, list, text } from "../reading/json.js"
import { apis, type Source } from "../reading/reading.js"

export interface Exchange extends Source {
  readonly id: string
  readonly kind: string
  readonly method: string
  readonly url: URL
  /** What was asked, where it was JSON. */
  readonly request: Fields | undefined
  /** Whether a file was sent. */
  readonly upload: boolean
  readonly stream: boolean
  /** How many bytes each read of the recorder gave, where it noted them. */
  readonly reads: ReadonlyArray<number>
}

const index = pathToFileURL(traffic.path)

/** The path below the API's base, whichever that was. */
export const pathOf = (url: URL): string => url.pathname.replace(/^\/api\/(v1|alpha|beta)/, "")

const exchange = (entry: Fields): Exchange => {
  const url = new URL(String(entry["url"]))
  const headers = Object.fromEntries(
    Object.entries(fields(entry["headers"])).map(([name, value]) => [name.toLowerCase(), String(value)])
  )
  const at = Date.parse(headers["date"] ?? text(entry["recorded_at"]) ?? "")
  return {
    id: String(entry["id"]),
    kind: String(entry["kind"]),
    api: apis[pathOf(url)] ?? "other",
    method: String(entry["method"]),
    url,
    request: isFields(entry["request"]) ? entry["request"] : undefined,
    upload: typeof entry["request"] === "string" && entry["request"] !== "",
    stream: entry["stream"] === true,
    reads: list(entry["chunk_lengths"]).map(Number),
    status: Number(entry["status"]),
    headers,
    body: readFileSync(new URL(String(entry["body_file"]), index)),
    now: Number.isNaN(at) ? Date.UTC(2026, 0, 1) : at
  }
}

export const exchanges: ReadonlyArray<Exchange> = traffic.isPresent
  ? list(JSON.parse(readFileSync(index, "utf8"))).map((entry) => exchange(fields(entry)))
  : []
