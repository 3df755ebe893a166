/** What a browser shows of an item of a response. Streams and stored conversations both read items here. */
import { arrayAt, isObject, objectAt, stringAt } from "../../internal/json.js"
import type { OutputItems } from "../../schema/ResponsesItems.js"

/**
 * A part of an item. `key` names its place in the item, as {@link placeOf} names that of an event.
 *
 * @internal
 */
export type ItemPart =
  | { readonly kind: "text" | "reasoning"; readonly key: string; readonly text: string }
  | Source
  | { readonly kind: "file"; readonly url: string; readonly mediaType: string }
  | { readonly kind: "server"; readonly tool: ServerTool }

/** @internal */
export interface Source {
  readonly kind: "source"
  readonly url: string
  readonly title: string | undefined
}

/**
 * A tool that OpenRouter or the provider executed.
 *
 * @internal
 */
export interface ServerTool {
  readonly name: string
  readonly input: unknown
  readonly output: unknown
}

/** @internal */
export const partsOf = (item: OutputItems): ReadonlyArray<ItemPart> => {
  switch (item.type) {
    case "message":
      return [
        ...arrayAt(item, "content").flatMap((part, index) => textPart("text", part, `c${index}`)),
        // An annotation may arrive before the text that it is about
        ...arrayAt(item, "content").flatMap((part) => arrayAt(part, "annotations")).flatMap((one) =>
          sourceOf(one) ?? []
        )
      ]
    case "reasoning":
      return [
        ...arrayAt(item, "summary").flatMap((part, index) => textPart("reasoning", part, `s${index}`)),
        ...arrayAt(item, "content").flatMap((part, index) => textPart("reasoning", part, `c${index}`))
      ]
    case "image_generation_call":
    case "openrouter:image_generation":
      return imageParts(item)
    default:
      return isServerTool(item) ? [{ kind: "server", tool: serverTool(item) }] : []
  }
}

const textPart = (kind: "text" | "reasoning", part: unknown, key: string): ReadonlyArray<ItemPart> => {
  const text = stringAt(part, "text") ?? stringAt(part, "refusal")
  return text === undefined ? [] : [{ kind, key, text }]
}

/**
 * The page that an annotation cites.
 *
 * @internal
 */
export const sourceOf = (annotation: unknown): Source | undefined => {
  const url = stringAt(annotation, "url")
  return stringAt(annotation, "type") === "url_citation" && url !== undefined
    ? { kind: "source", url, title: stringAt(annotation, "title") }
    : undefined
}

const imageParts = (item: OutputItems): ReadonlyArray<ItemPart> => {
  const image = stringAt(item, "result") ?? stringAt(item, "imageUrl") ?? stringAt(item, "imageB64")
  if (image === undefined) return []
  const url = /^(data|https?):/.test(image) ? image : `data:image/png;base64,${image}`
  return [{ kind: "file", url, mediaType: mediaTypeOf(url) ?? "image/png" }]
}

/**
 * The media type that a `data:` URL names.
 *
 * @internal
 */
export const mediaTypeOf = (url: string): string | undefined => /^data:([^;,]+)/.exec(url)?.[1]

const own: ReadonlySet<string> = new Set([
  "message",
  "reasoning",
  "image_generation_call",
  "openrouter:image_generation",
  "function_call",
  "function_call_output",
  "mcp_approval_request"
])

/**
 * Whether an item reports a tool that the server executed.
 *
 * @internal
 */
export const isServerTool = (item: OutputItems): boolean => !own.has(item.type)

/**
 * The name of a tool of the server, without the words around it that only say what kind of item it is.
 *
 * @internal
 */
export const serverToolName = ({ type }: OutputItems): string => type.replace(/^openrouter:/, "").replace(/_call$/, "")

const serverTool = (item: OutputItems): ServerTool => {
  const { action, id: _id, status: _status, type: _type, ...output } = isObject(item) ? item : {}
  return { name: serverToolName(item), input: objectAt({ action }, "action") ?? {}, output }
}
