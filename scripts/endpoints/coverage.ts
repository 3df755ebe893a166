/** Which operations others know and the library lacks, and how the table of those that it has is written. */
import { isObject, type JsonObject, object, string } from "../generate/json.js"
import { operationObjects } from "../generate/spec.js"
import { type Listed, requestOf } from "./rows.js"

export interface Sdk {
  readonly package: string
  readonly version: string
  /** Name of a method to its method and path on the wire. */
  readonly methods: Readonly<Record<string, string>>
  /** Methods without a request of their own, to what takes their place. */
  readonly helpers: Readonly<Record<string, string>>
}

export const readSdk = (json: JsonObject): Sdk => {
  const texts = (value: JsonObject): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(value).map(([name, text]) => [name, string(text, name)]))
  return {
    package: string(json["package"], "package"),
    version: string(json["version"], "version"),
    methods: texts(object(json["methods"], "methods")),
    helpers: texts(object(json["helpers"], "helpers"))
  }
}

/** The same request whatever its path parameters are called. */
const shape = (request: string): string => request.replace(/\{\w+\}/g, "{}")

/** The rows that take the place of a method: those of its request, of its own name where several have that request. */
export const replacing = (rows: ReadonlyArray<Listed>, method: string, request: string): ReadonlyArray<Listed> => {
  const same = rows.filter(({ row }) => shape(requestOf(row)) === shape(request))
  const name = method.split(".").slice(-2).join(".")
  const named = same.filter(({ row }) => row.name === name || (row.success === "sse" && same.length === 2))
  return named.some(({ row }) => row.name === name) ? named : same
}

/** One line for each operation of the documents, and each method of the SDK, that no row stands for. */
export const missing = (
  rows: ReadonlyArray<Listed>,
  documents: ReadonlyArray<JsonObject>,
  sdk: Sdk,
  library: Readonly<Record<string, object>>
): ReadonlyArray<string> => {
  const ids = new Set(rows.map(({ row }) => row.operationId))
  return [
    ...documents.flatMap((document) =>
      operationObjects(document).flatMap(([id, method, path]) =>
        ids.has(id) ? [] : [`${id}: no row for ${method.toUpperCase()} ${path}`]
      )
    ),
    ...Object.entries(sdk.methods).flatMap(([method, request]) =>
      replacing(rows, method, request).length > 0 ? [] : [`${sdk.package} ${method}: no row for ${request}`]
    ),
    ...Object.entries(sdk.helpers).flatMap(([method, name]) => {
      const [namespace = "", member = ""] = name.split(".")
      const module = library[namespace]
      return isObject(module) && member in module ? [] : [`${sdk.package} ${method}: there is no ${name}`]
    })
  ]
}

/** Columns as wide as their widest cell. */
export const table = (rows: ReadonlyArray<Listed>): string => {
  const head = ["operation", "function", "request", "response", "statuses", "streaming", "paged"]
  const lines = [
    head,
    ...rows.map(({ called, request, response, row }) => [
      row.operationId,
      called,
      request,
      response,
      row.errors.join(" "),
      row.success === "sse" || row.success === "binary" ? row.success : "",
      row.paging ?? ""
    ])
  ]
  const widths = head.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? "").length)))
  return lines.map((line) => line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ").trimEnd()).join("\n")
}
