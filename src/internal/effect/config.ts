/** The configuration and its failures. Effect 4 has one class, which does not say whether a variable is missing. */
import * as Config from "effect/Config"
import * as Errors from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"

/** @internal */
export type ConfigError = Errors.ConfigError

/**
 * A variable that lists texts, separated by commas.
 *
 * @internal
 */
export const texts = (name: string): Config.Config<Array<string>> => Config.array(Config.string(), name)

/** @internal */
export const missing = (name: string, help: string): ConfigError => Errors.MissingData([name], help)

/** @internal */
export const invalid = (name: string, why: string): ConfigError => Errors.InvalidData([name], why)

/**
 * Adds help to the failure of a variable that is missing; other failures stay as they are. Several alternatives that
 * are all missing keep their own messages, and `missingOne` is added to them.
 *
 * @internal
 */
export const explainMissing = (
  error: ConfigError,
  help: string,
  missingOne: ConfigError
): ConfigError =>
  Errors.isMissingData(error)
    ? Errors.MissingData(error.path, help)
    : Errors.isMissingDataOnly(error)
    ? Errors.Or(error, missingOne)
    : error

/**
 * Runs an effect with a configuration that has no variables.
 *
 * @internal
 */
export const withoutConfig = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withConfigProvider(effect, ConfigProvider.fromMap(new Map()))
