import type { Row } from "../row.js"

/**
 * A function that carries its row, and further functions beside it.
 *
 * @internal
 */
export const callable = <F extends Row>(
  row: Row,
  functions: {
    readonly call: (params: unknown) => unknown
    readonly withResponse: (params: unknown) => unknown
    readonly stream?: (params: unknown) => unknown
  }
): F => {
  const { call, ...others } = functions
  const properties = Object.getOwnPropertyDescriptors({ ...row, ...others })
  // TypeScript sees neither the properties that a function is given, nor that only documented statuses get their class
  return Object.defineProperties((params: unknown) => call(params), properties) as unknown as F
}
