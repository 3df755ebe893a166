/**
 * Tools as an MCP server.
 *
 * @since 0.1.0
 */

/**
 * Offers the tools of a toolkit to the clients of the Model Context Protocol.
 *
 * @since 0.1.0
 */
export * as McpServer from "./McpServer.js"
