import * as Effect from "effect/Effect"
import type * as Script from "../Script.js"
import type { Handler } from "./handler.js"
import type { RecordedRequest } from "./recording.js"

/**
 * What the handler does whose path matches best: literal segments take priority over parameters, then the first in the
 * list.
 *
 * @internal
 */
export interface Match {
  /** Whether the request needs a key. */
  readonly needsKey: boolean
  readonly respond: Effect.Effect<Script.Turn>
}

/** @internal */
export const match = (handlers: ReadonlyArray<Handler>, request: RecordedRequest): Match | undefined => {
  const best = bestHandler(handlers, request)
  if (best === undefined) return undefined
  const { handler, path } = best
  return {
    needsKey: (handler.auth ?? "required") === "required",
    respond: Effect.suspend(() => handler.respond(request, path))
  }
}

/** @internal */
export const bestHandler = (
  handlers: ReadonlyArray<Handler>,
  request: { readonly method: string; readonly path: string }
): { readonly handler: Handler; readonly path: PathParameters } | undefined => {
  let best: { readonly handler: Handler; readonly path: PathParameters; readonly parameters: number } | undefined
  for (const handler of handlers) {
    if (handler.method !== request.method) continue
    const path = pathParameters(handler.path, request.path)
    if (path === undefined) continue
    const parameters = Object.keys(path).length
    if (best === undefined || parameters < best.parameters) best = { handler, path, parameters }
  }
  return best
}

type PathParameters = { readonly [name: string]: string }

const pathParameters = (template: string, path: string): PathParameters | undefined => {
  const wanted = template.split("/")
  const given = path.split("/")
  if (wanted.length !== given.length) return undefined
  const parameters: Record<string, string> = {}
  for (const [i, segment] of wanted.entries()) {
    const name = /^\{(\w+)\}$/.exec(segment)?.[1]
    const value = given[i] ?? ""
    if (name === undefined ? segment !== value : value === "") return undefined
    if (name !== undefined) parameters[name] = decoded(value)
  }
  return parameters
}

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
