import { isObject } from "./json.js"

/** Symbols of this registry are the same in the ES modules and in the CommonJS modules of the package. */
const unsent = Symbol.for("effect-openrouter/unsent")

/**
 * Marks an error of the network: no byte of a request was sent when it happened, so that nothing can have been charged.
 *
 * @internal
 */
export const markUnsent = (error: unknown): void => {
  if (isObject(error) && Object.isExtensible(error)) Object.defineProperty(error, unsent, { value: true })
}

/** What an error is marked with that is no failure of the network. */
const refused = "refused"

/**
 * The error of a request that was kept from the network, as by a limiter. Its message says why.
 *
 * @internal
 */
export const refusal = (message: string): Error => Object.defineProperty(new Error(message), unsent, { value: refused })

/** @internal */
export const isRefusal = (error: unknown): boolean =>
  isObject(error) && Object.getOwnPropertyDescriptor(error, unsent)?.value === refused

/**
 * Whether an error, or one of its causes, is marked.
 *
 * @internal
 */
export const isUnsent = (error: unknown): boolean => {
  let current = error
  for (let depth = 0; depth < 8 && isObject(current); depth++) {
    if (Object.hasOwn(current, unsent)) return true
    current = current["cause"]
  }
  return false
}
