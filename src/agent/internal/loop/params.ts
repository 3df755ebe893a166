/** The parameters of requests among the options of a run. */
import type { Options } from "../options.js"
import type { TurnParams } from "../turnParams.js"
import { optionsBeside } from "./optionsBeside.js"

/**
 * All parameters: values, and functions of the turn.
 *
 * @internal
 */
export const paramsOf = (options: Options): ReadonlyArray<readonly [field: string, value: unknown]> =>
  Object.entries(options).filter(([field, value]) => !Object.hasOwn(optionsBeside, field) && value !== undefined)

/**
 * The parameters that are values.
 *
 * @internal
 */
export const fixedParams = (options: Options): TurnParams =>
  Object.fromEntries(paramsOf(options).filter(([, value]) => typeof value !== "function"))
