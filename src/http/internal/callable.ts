import type { Row } from "../Row.js"

/**
 * A function that carries its row.
 *
 * @internal
 */
export const callable = <F extends Row>(
  row: Row,
  functions: { readonly call: (params: unknown) => unknown; readonly withResponse: (params: unknown) => unknown }
): F => {
  const properties = Object.getOwnPropertyDescriptors({ ...row, withResponse: functions.withResponse })
  // TypeScript sees neither the properties that a function is given, nor that only documented statuses get their class
  return Object.defineProperties((params: unknown) => functions.call(params), properties) as unknown as F
}
