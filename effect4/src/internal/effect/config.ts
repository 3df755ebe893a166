/** The configuration and its failures. Effect 4 has one class, which does not say whether a variable is missing. */
import * as Config from "effect/Config"
import type { ConfigError } from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** Not an alias, which editors would show in its place. @internal */
export type { ConfigError }

/**
 * A variable that lists texts, separated by commas.
 *
 * @internal
 */
export const texts = (name: string): Config.Config<ReadonlyArray<string>> =>
  Config.map(Config.Array(Schema.String, name), (texts) => texts.map((text) => text.trim()))

const failure = (name: string, message: string): ConfigError =>
  new Config.ConfigError(new ConfigProvider.SourceError({ message: `${name}: ${message}` }))

/** @internal */
export const missing = (name: string, help: string): ConfigError => failure(name, help)

/** @internal */
export const invalid = (name: string, why: string): ConfigError => failure(name, why)

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
  Effect.flatMap(Effect.service(ConfigProvider.ConfigProvider), (provider) => {
    const absent = new Set<string>()
    const watched = ConfigProvider.make((path) =>
      Effect.tap(provider.load(path), (node) =>
        Effect.sync(() => {
          if (node === undefined) absent.add(path.join("_"))
        }))
    )
    return Effect.catch(
      config.parse(watched),
      (error) =>
        Effect.flatMap(Config.option(config).parse(provider), (found) =>
          Effect.fail(
            Option.isNone(found) ? missing([...absent, ...(absent.size > 1 ? [usual] : [])].join(" or "), help) : error
          ))
    )
  })

/**
 * Runs an effect with a configuration that has no variables.
 *
 * @internal
 */
export const withoutConfig = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.provideService(effect, ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown({}))
