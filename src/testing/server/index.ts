/**
 * The scripted model behind a real HTTP server, for Node.
 *
 * @since 0.1.0
 */

/**
 * A server on this machine whose responses come from a script.
 *
 * @since 0.1.0
 */
export * as ScriptedServer from "./ScriptedServer.js"
