/** An MCP server of today's SDK: what tools may do, and a tool that changes the list of tools. */
import { fromJsonSchema, McpServer } from "@modelcontextprotocol/server"

const readOnly = { readOnlyHint: true }

const numbers = fromJsonSchema<{ readonly a: number; readonly b: number }>({
  type: "object",
  properties: { a: { type: "number" }, b: { type: "number" } },
  required: ["a", "b"]
})

const text = (text: string) => ({ content: [{ type: "text" as const, text }] })

export interface Seen {
  readonly cancelled: () => void
  readonly key: (key: unknown) => void
}

export const makeServer = (seen: Seen): McpServer => {
  const server = new McpServer({ name: "test", version: "1" }, { capabilities: { tools: { listChanged: true } } })
  server.registerTool(
    "add",
    { description: "Adds.", inputSchema: numbers, annotations: readOnly },
    ({ a, b }, context) => {
      seen.key(context.mcpReq._meta?.["effect-openrouter/idempotencyKey"])
      return { ...text(`${a + b}`), structuredContent: { sum: a + b } }
    }
  )
  server.registerTool("shot", { title: "Takes a picture.", annotations: readOnly }, () => ({
    content: [
      { type: "text", text: "here" },
      { type: "image", mimeType: "image/png", data: "iVBORw0KGgo=" },
      { type: "resource", resource: { uri: "file:///a.txt", mimeType: "text/plain", text: "A!" } },
      { type: "resource", resource: { uri: "file:///b.bin", blob: "AAAA" } },
      { type: "resource_link", uri: "file:///c.txt", name: "c" }
    ]
  }))
  server.registerTool("bad", { annotations: readOnly }, () => ({ ...text("no such row"), isError: true }))
  server.registerTool("wipe", { description: "Deletes everything." }, () => text("wiped"))
  server.registerTool("dotted.name", { annotations: readOnly }, () => text("odd"))
  server.registerTool("dotted_name", { annotations: readOnly }, () => text("odd too"))
  server.registerTool("grow", { annotations: readOnly }, () => {
    server.registerTool("new", { annotations: readOnly }, () => text("new"))
    return text("grown")
  })
  server.registerTool("slow", { annotations: readOnly }, async (context) => {
    const { _meta, notify, signal } = context.mcpReq
    signal.addEventListener("abort", seen.cancelled)
    for (let progress = 1; progress <= 3; progress++) {
      const progressToken = _meta?.progressToken ?? ""
      await notify({ method: "notifications/progress", params: { progressToken, progress, total: 3 } })
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await new Promise((resolve) => {
      if (signal.aborted) resolve(undefined)
      signal.addEventListener("abort", resolve)
    })
    return text("cancelled")
  })
  return server
}
