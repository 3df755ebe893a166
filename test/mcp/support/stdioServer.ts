/** The server as a program. It writes what it sees to its error output; `die` ends it in the middle of a call. */
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio"
import { makeServer } from "./server.js"

const server = makeServer({
  cancelled: () => process.stderr.write("cancelled\n"),
  key: () => undefined
})
server.registerTool("die", { annotations: { readOnlyHint: true } }, () => process.exit(1))
await server.connect(new StdioServerTransport())
