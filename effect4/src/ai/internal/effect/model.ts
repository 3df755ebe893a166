/** A model of `effect/ai` as a layer. */
import * as AiModel from "effect/ai/Model"
import type * as Layer from "effect/Layer"

/** @internal */
export const modelOf = <Provides, Requires>(
  name: string,
  layer: Layer.Layer<Provides, never, Requires>
): AiModel.Model<"openrouter", Provides, Requires> => AiModel.make("openrouter", name, layer)
