import * as HttpBody from "@effect/platform/HttpBody"
import * as Effect from "effect/Effect"
import { isObject } from "../../internal/json.js"
import { InvalidRequestError } from "../OpenRouterError.js"
import { pathParameters, pathPlaceholder, type Row } from "../row.js"
import type { Upload } from "./upload.js"

/**
 * The parts of a request that depend only on the call. They can be sent more than once.
 *
 * @internal
 */
export interface PreparedRequest {
  /** The path and the query, to be appended to the base URL of the row. */
  readonly path: string
  readonly body: HttpBody.HttpBody
  /** Present where the body is read while it is sent. */
  readonly upload?: Upload | undefined
  /** The parameters of the call. They are searched for secrets, and never logged. */
  readonly fields: { readonly [key: string]: unknown }
}

/**
 * Writes the fields of a body.
 *
 * @internal
 */
export type Encode = (
  row: Row,
  fields: PreparedRequest["fields"]
) => Effect.Effect<Pick<PreparedRequest, "body" | "upload">, InvalidRequestError>

interface PrepareOptions {
  readonly encode?: Encode | undefined
  /** Fields that are newer than the types, for a JSON body. */
  readonly extraBody?: { readonly [field: string]: unknown } | undefined
}

/**
 * Sorts the parameters of a call into path, query and body. Fails before anything is sent if a parameter cannot be
 * right.
 *
 * @internal
 */
export const prepare = (
  row: Row,
  params: unknown,
  { encode = encodeBody, extraBody }: PrepareOptions = {}
): Effect.Effect<PreparedRequest, InvalidRequestError> => {
  const fields = isObject(params) ? params : {}
  const missing = pathParameters(row.path).find((name) => !isPathSegment(fields[name]))
  if (missing !== undefined) {
    return Effect.fail(
      new InvalidRequestError({
        parameter: missing,
        message: `${row.name}: \`${missing}\` is part of the path ${row.path}, ` +
          "so it must be a string that is not blank, `.` or `..`"
      })
    )
  }
  const path = row.path.replace(pathPlaceholder, (_, name: string) => encodeURIComponent(String(fields[name]))) +
    queryString(row, fields)
  return Effect.flatMap(
    withExtra(row, bodyFields(row, fields), extraBody),
    (body) =>
      Effect.map(encode(row, body), (encoded) => ({
        ...encoded,
        path,
        fields: row.body === "json" && extraBody !== undefined ? { ...fields, ...extraBody } : fields
      }))
  )
}

/** The body with the fields that are newer than the types. They replace none that the call sets itself. */
const withExtra = (
  row: Row,
  body: PreparedRequest["fields"],
  extraBody: PrepareOptions["extraBody"]
): Effect.Effect<PreparedRequest["fields"], InvalidRequestError> => {
  if (row.body !== "json" || extraBody === undefined) return Effect.succeed(body)
  const taken = Object.keys(extraBody).find((name) => name === "stream" || Object.hasOwn(body, name))
  return taken === undefined
    ? Effect.try({ try: () => ({ ...body, ...extraBody }), catch: (cause) => unwritable(row, cause) })
    : Effect.fail(
      new InvalidRequestError({
        parameter: taken,
        message: `${row.name}: \`extraBody\` has the field \`${taken}\`, which ${
          taken === "stream" ? "the function sets" : "the request has already"
        }. \`extraBody\` is for fields that the types lack; pass this one as a parameter.`
      })
    )
}

const isPathSegment = (value: unknown): boolean =>
  typeof value === "string"
    ? value.trim() !== "" && value !== "." && value !== ".." && !loneSurrogate.test(value)
    : Number.isFinite(value)

const loneSurrogate = /\p{Surrogate}/u

const queryString = (row: Row, fields: PreparedRequest["fields"]): string => {
  if (row.query.length === 0) return ""
  const text = row.query.map((name) =>
    row.joined?.includes(name) === true ? joined(name, fields[name]) : urlEncoded({ [name]: fields[name] })
  ).filter((part) => part !== "").join("&")
  return text === "" ? "" : `?${text}`
}

const isSent = (item: unknown): boolean => item !== undefined && item !== null

/** A list with commas between its items. A comma in an item is encoded. */
const joined = (name: string, value: unknown): string => {
  const items = (Array.isArray(value) ? value : [value]).filter(isSent)
  const prefix = urlEncoded({ [name]: "" })
  return items.length === 0
    ? ""
    : prefix + items.map((item) => urlEncoded({ [name]: item }).slice(prefix.length)).join(",")
}

const urlEncodedType = "application/x-www-form-urlencoded"

/** A list is written as its name once for each item. */
const urlEncoded = (fields: PreparedRequest["fields"]): string => {
  const encoded = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (isSent(item)) encoded.append(name, String(item))
    }
  }
  return encoded.toString()
}

const encodeBody: Encode = (row, fields) =>
  row.body === "none"
    ? Effect.succeed({ body: HttpBody.empty })
    : row.body === "form"
    ? Effect.succeed({ body: HttpBody.text(urlEncoded(fields), urlEncodedType) })
    : encodeJson(row, fields)

const bodyFields = (row: Row, fields: PreparedRequest["fields"]): PreparedRequest["fields"] => {
  const elsewhere = [...pathParameters(row.path), ...row.query]
  const own = elsewhere.length === 0
    ? fields
    : Object.fromEntries(Object.entries(fields).filter(([name]) => !elsewhere.includes(name)))
  return row.success === "sse" ? { ...own, stream: true } : own
}

const encodeJson = (
  row: Row,
  body: unknown
): Effect.Effect<Pick<PreparedRequest, "body">, InvalidRequestError> =>
  Effect.map(
    Effect.try({ try: () => JSON.stringify(body), catch: (cause) => unwritable(row, cause) }),
    (json) => ({ body: HttpBody.text(json, "application/json") })
  )

const unwritable = (row: Row, cause: unknown): InvalidRequestError =>
  new InvalidRequestError({
    message: `${row.name}: the request cannot be written as JSON: ${
      // An error of the caller's `toJSON` may quote the request; the runtime's own messages do not
      cause instanceof TypeError
        ? firstLine(cause)
        : "a field fails when it is read"}. Pass plain data, without cycles and bigint`
  })

const firstLine = (cause: Error): string => cause.message.split("\n")[0] ?? ""
