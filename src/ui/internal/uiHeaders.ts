/**
 * The headers of a UI message stream.
 *
 * @internal
 */
export const headers = { "x-vercel-ai-ui-message-stream": "v1" } as const
