/**
 * MCP servers that are programs.
 *
 * @since 0.1.0
 */

/**
 * Starts a server and speaks over its input and output.
 *
 * @since 0.1.0
 */
export * as McpStdio from "./McpStdio.js"
