/** What a server returns, as a value and as the output for the model. */
import type { CallToolResult, ContentBlock } from "@modelcontextprotocol/client"
import { jsonText } from "../../internal/json.js"
import { guard } from "../../schema/guard.js"
import { ToolCallOutput } from "../../schema/ResponsesItems.js"

type Parts = Exclude<ToolCallOutput, string>

/**
 * The value of a result: its structured content, its text, or a list of texts, images and files.
 *
 * @internal
 */
export const valueOf = ({ content, structuredContent }: CallToolResult): unknown => {
  const isText = content.every(({ type }) => type === "text")
  if (structuredContent !== undefined && isText) return structuredContent
  const parts = content.map(partOf)
  const texts = parts.flatMap((part) => part.type === "input_text" ? [part.text] : [])
  return texts.length === parts.length ? texts.join("\n") : parts
}

const partOf = (block: ContentBlock): Parts[number] => {
  switch (block.type) {
    case "text":
      return { type: "input_text", text: block.text }
    case "image":
      return { type: "input_image", image_url: dataUrl(block.mimeType, block.data), detail: "auto" }
    case "resource": {
      const { resource } = block
      if ("text" in resource) return { type: "input_text", text: resource.text }
      const type = resource.mimeType ?? "application/octet-stream"
      return type.startsWith("image/")
        ? { type: "input_image", image_url: dataUrl(type, resource.blob), detail: "auto" }
        : { type: "input_file", filename: fileName(resource.uri), file_data: dataUrl(type, resource.blob) }
    }
    case "resource_link":
      return { type: "input_text", text: `${block.name}: ${block.uri}` }
    default:
      return { type: "input_text", text: `[${block.type}]` }
  }
}

const dataUrl = (type: string, data: string): string => `data:${type};base64,${data}`

const fileName = (uri: string): string => uri.split("/").at(-1) || "file"

const isOutput = guard(ToolCallOutput)

/**
 * What the model receives of a value.
 *
 * @internal
 */
export const outputOf = (value: unknown): ToolCallOutput =>
  (typeof value === "string" || Array.isArray(value)) && isOutput(value) ? value : jsonText(value)
