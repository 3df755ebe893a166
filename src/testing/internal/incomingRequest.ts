import * as Effect from "effect/Effect"
import { isObject, parseJson, stringAt } from "../../internal/json.js"
import type { Api, RecordedRequest } from "./recording.js"

/**
 * A request as a front end gets it.
 *
 * @internal
 */
export interface Incoming {
  readonly method: string
  readonly url: URL
  readonly headers: { readonly [name: string]: string }
  readonly body: Uint8Array
}

/** @internal */
export const keyOf = (incoming: Incoming): string | undefined => {
  const bearer = /^bearer\s+(.+)$/i.exec(incoming.headers["authorization"] ?? "")?.[1]
  return bearer ?? incoming.headers["x-api-key"]
}

/** @internal */
export const toRecorded = (incoming: Incoming): Effect.Effect<Omit<RecordedRequest, "index">> =>
  Effect.map(decodeBody(incoming), (body) => {
    const json = isObject(body) ? body : {}
    const path = pathOf(incoming.url)
    return {
      method: incoming.method,
      path,
      query: queryOf(incoming.url),
      headers: Object.fromEntries(Object.entries(incoming.headers).filter(([name]) => !secret.has(name))),
      hasKey: (keyOf(incoming) ?? "") !== "",
      body,
      json,
      api: apiOf(path),
      model: stringAt(json, "model"),
      stream: json["stream"] === true
    }
  })

const secret = new Set(["authorization", "proxy-authorization", "cookie", "x-api-key"])

/**
 * The path below the base URL.
 *
 * @internal
 */
export const pathOf = (url: URL): string =>
  url.pathname.replace(/^(\/api)?\/v1(?=\/)/, "").replace(/^(\/api)?\/alpha(?=\/)/, "/api/alpha")

/** @internal */
export const apiOf = (path: string): Api | undefined => Object.hasOwn(apiByPath, path) ? apiByPath[path] : undefined

const apiByPath: { readonly [path: string]: Api | undefined } = {
  "/chat/completions": "chat",
  "/responses": "responses",
  "/messages": "messages",
  "/completions": "completions"
}

const queryOf = (url: URL): RecordedRequest["query"] => {
  const query: Record<string, string | ReadonlyArray<string>> = {}
  for (const name of url.searchParams.keys()) {
    const [first = "", ...more] = url.searchParams.getAll(name)
    query[name] = more.length === 0 ? first : [first, ...more]
  }
  return query
}

const decodeBody = (incoming: Incoming): Effect.Effect<unknown> => {
  if (incoming.body.length === 0) return Effect.succeed(undefined)
  const type = incoming.headers["content-type"] ?? ""
  const text = Effect.sync(() => new TextDecoder().decode(incoming.body))
  if (type.startsWith("multipart/form-data")) {
    return Effect.orElse(
      Effect.map(
        Effect.tryPromise(() =>
          new Response(new Uint8Array(incoming.body), { headers: { "content-type": type } }).formData()
        ),
        fieldsOf
      ),
      () => text
    )
  }
  if (type.startsWith("application/x-www-form-urlencoded")) {
    return Effect.map(text, (text) => fieldsOf(new URLSearchParams(text)))
  }
  return Effect.map(text, (text) => {
    const parsed = parseJson(text)
    return parsed === undefined ? text : parsed.value
  })
}

const fieldsOf = (form: FormData | URLSearchParams): { readonly [name: string]: unknown } => {
  const fields: Record<string, unknown> = {}
  for (const name of form.keys()) {
    const [first, ...more] = form.getAll(name)
    fields[name] = more.length === 0 ? first : [first, ...more]
  }
  return fields
}
