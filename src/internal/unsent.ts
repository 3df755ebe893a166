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
