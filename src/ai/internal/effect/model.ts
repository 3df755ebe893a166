/** A model of `@effect/ai` as a layer. Effect 4 has its name, too. */
import * as AiModel from "@effect/ai/Model"
import type * as Layer from "effect/Layer"

/** @internal */
export const modelOf = <Provides, Requires>(
  _: string,
  layer: Layer.Layer<Provides, never, Requires>
): AiModel.Model<"openrouter", Provides, Requires> => AiModel.make("openrouter", layer)
