/** The output of a call as the content of a result. */
import type { ContentBlock } from "@modelcontextprotocol/server"
import { stringAt } from "../../../internal/json.js"
import type { ToolCallOutput } from "../../../schema/ResponsesItems.js"

/** @internal */
export const contentOf = (output: ToolCallOutput): Array<ContentBlock> =>
  typeof output === "string" ? [{ type: "text", text: output }] : output.map(blockOf)

const blockOf = (part: Exclude<ToolCallOutput, string>[number]): ContentBlock => {
  const url = stringAt(part, "image_url") ?? stringAt(part, "file_data")
  const [, mimeType, data] = /^data:([^;,]+);base64,(.*)$/s.exec(url ?? "") ?? []
  if (mimeType !== undefined && data !== undefined) {
    return part.type === "input_image"
      ? { type: "image", mimeType, data }
      : { type: "resource", resource: { uri: `file:///${stringAt(part, "filename") ?? "file"}`, mimeType, blob: data } }
  }
  return { type: "text", text: stringAt(part, "text") ?? url ?? JSON.stringify(part) }
}
