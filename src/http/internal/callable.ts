import type { Row } from "../row.js"

/**
 * Makes a function with the row, and further functions, as its properties.
 *
 * @internal
 */
export const callable = <F extends Row>(
  row: Row,
  functions: {
    readonly call: (params: unknown) => unknown
    readonly withResponse: (params: unknown) => unknown
    readonly stream?: (params: unknown) => unknown
    readonly forEach?: (params: unknown, f: never) => unknown
  }
): F => {
  const { call, ...others } = functions
  const properties = Object.getOwnPropertyDescriptors({ ...row, ...others })
  // TypeScript does not know the properties that `defineProperties` adds, nor that only documented statuses get a class
  return Object.defineProperties((params: unknown) => call(params), properties) as unknown as F
}
