/** The configuration and its failures. Effect 4 has one class, which does not say whether a variable is missing. */
import * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"

/** @internal */
export const missing = (name: string, help: string): ConfigError.ConfigError => ConfigError.MissingData([name], help)

/** @internal */
export const invalid = (name: string, why: string): ConfigError.ConfigError => ConfigError.InvalidData([name], why)

/**
 * Adds help to the failure of a variable that is missing; other failures stay as they are. Several alternatives that are
 * all missing keep their own messages, and `missingOne` is added to them.
 *
 * @internal
 */
export const explainMissing = (
  error: ConfigError.ConfigError,
  help: string,
  missingOne: ConfigError.ConfigError
): ConfigError.ConfigError =>
  ConfigError.isMissingData(error)
    ? ConfigError.MissingData(error.path, help)
    : ConfigError.isMissingDataOnly(error)
    ? ConfigError.Or(error, missingOne)
    : error

/**
 * Runs an effect with a configuration that has no variables.
 *
 * @internal
 */
export const withoutConfig = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withConfigProvider(effect, ConfigProvider.fromMap(new Map()))
