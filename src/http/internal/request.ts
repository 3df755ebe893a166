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

/**
 * Sorts the parameters of a call into path, query and body. Fails before anything is sent if a parameter cannot be
 * right.
 *
 * @internal
 */
export const prepare = (
  row: Row,
  params: unknown,
  encode: Encode = encodeBody
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
  return Effect.map(encode(row, bodyFields(row, fields)), (encoded) => ({ ...encoded, path, fields }))
}

const isPathSegment = (value: unknown): boolean =>
  typeof value === "string"
    ? value.trim() !== "" && value !== "." && value !== ".." && !loneSurrogate.test(value)
    : Number.isFinite(value)

const loneSurrogate = /\p{Surrogate}/u

const queryString = (row: Row, fields: PreparedRequest["fields"]): string => {
  if (row.query.length === 0) return ""
  const text = urlEncoded(Object.fromEntries(row.query.map((name) => [name, fields[name]])))
  return text === "" ? "" : `?${text}`
}

const urlEncodedType = "application/x-www-form-urlencoded"

/** A list is written as its name once for each item. */
const urlEncoded = (fields: PreparedRequest["fields"]): string => {
  const encoded = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== undefined && item !== null) encoded.append(name, String(item))
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
    Effect.try({
      try: () => JSON.stringify(body),
      catch: (cause) =>
        new InvalidRequestError({
          message: `${row.name}: the request cannot be written as JSON: ${
            // An error of the caller's `toJSON` may quote the request; the runtime's own messages do not
            cause instanceof TypeError ? firstLine(cause) : "a field fails when it is read"}`
        })
    }),
    (json) => ({ body: HttpBody.text(json, "application/json") })
  )

const firstLine = (cause: Error): string => cause.message.split("\n")[0] ?? ""
