/**
 * The name under which a server finds the key that is the same for each execution of a call.
 *
 * @internal
 */
export const idempotencyMeta = "effect-openrouter/idempotencyKey"
