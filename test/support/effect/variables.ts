/** Environment variables of tests. Effect 4 has another provider of them. */
import * as ConfigProvider from "effect/ConfigProvider"
import * as Layer from "effect/Layer"

/** These variables and no others. */
export const variables = (all: Readonly<Record<string, string>>): Layer.Layer<never> =>
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(all))))
