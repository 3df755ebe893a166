/**
 * Tools of MCP servers.
 *
 * @since 0.1.0
 */

/**
 * A client of the Model Context Protocol whose tools are tools of an agent.
 *
 * @since 0.1.0
 */
export * as Mcp from "./Mcp.js"
