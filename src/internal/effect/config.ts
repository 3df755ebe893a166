/** The configuration and its failures. Effect 4 has one class, which does not say whether a variable is missing. */
import * as Config from "effect/Config"
import * as Errors from "effect/ConfigError"
import type { ConfigError } from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"

/** Not an alias, which editors would show in its place. @internal */
export type { ConfigError }

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
 * Reads a configuration, and adds help to its failure if its variables are missing. Other failures stay as they are.
 * `usual` is the variable to name beside those of several alternatives.
 *
 * @internal
 */
export const withMissingHelp = <A>(
  config: Config.Config<A>,
  usual: string,
  help: string
): Effect.Effect<A, ConfigError> =>
  Effect.mapError(config, (error) =>
    Errors.isMissingData(error)
      ? Errors.MissingData(error.path, help)
      // Several alternatives keep their own messages
      : Errors.isMissingDataOnly(error)
      ? Errors.Or(error, missing(usual, help))
      : error)

/**
 * Runs an effect with a configuration that has no variables.
 *
 * @internal
 */
export const withoutConfig = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withConfigProvider(effect, ConfigProvider.fromMap(new Map()))
