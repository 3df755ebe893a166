import type { LanguageModel, Model, Response } from "@effect/ai"
import { LanguageModel as Service } from "@effect/ai"
import type { Effect, Layer } from "effect"
import { type OpenRouterClient, OpenRouterLanguageModel } from "effect-openrouter/ai"
import { describe, expect, test } from "tstyche"

type Requirement = OpenRouterClient.OpenRouterClient

describe("OpenRouterLanguageModel has the types of @effect/ai-openrouter", () => {
  test("model, layer and make", () => {
    expect(OpenRouterLanguageModel.model("m", { temperature: 0 }))
      .type.toBe<Model.Model<"openrouter", LanguageModel.LanguageModel, Requirement>>()
    expect(OpenRouterLanguageModel.layer({ model: "m", config: { top_p: 1 } }))
      .type.toBe<Layer.Layer<LanguageModel.LanguageModel, never, Requirement>>()
    expect<Effect.Effect.Context<ReturnType<typeof OpenRouterLanguageModel.make>>>().type.toBe<Requirement>()
  })

  test("the configuration", () => {
    expect<OpenRouterLanguageModel.Config.Service>().type.toBeAssignableFrom<{ model: string; seed: number }>()
    expect(OpenRouterLanguageModel.model).type.not.toBeCallableWith("m", { messages: [] })
    expect(OpenRouterLanguageModel.model).type.not.toBeCallableWith("m", { tools: [] })
  })

  test("withConfigOverride, in both forms", () => {
    const program = Service.generateText({ prompt: "Hello" })
    const piped = program.pipe(OpenRouterLanguageModel.withConfigOverride({ temperature: 1 }))
    expect(piped).type.toBe<typeof program>()
    expect(OpenRouterLanguageModel.withConfigOverride(program, { temperature: 1 })).type.toBe<typeof program>()
  })

  test("the metadata of a response", () => {
    expect<NonNullable<Response.FinishPart["metadata"]["openrouter"]>["provider"]>().type.toBeAssignableFrom<string>()
    expect<NonNullable<Response.UrlSourcePart["metadata"]["openrouter"]>["content"]>().type.toBeAssignableFrom<string>()
  })
})
