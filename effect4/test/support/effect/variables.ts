/** Environment variables of tests. Effect 3 has another provider of them. */
import * as ConfigProvider from "effect/ConfigProvider"
import type * as Layer from "effect/Layer"

/** These variables and no others. */
export const variables = (all: Readonly<Record<string, string>>): Layer.Layer<never> =>
  ConfigProvider.layer(ConfigProvider.fromEnv({ env: { ...all } }))
