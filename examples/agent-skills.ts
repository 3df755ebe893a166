/**
 * Skills that a model loads when it needs them: a tool that changes the parameters of later turns. The instructions of a
 * skill stay when the next skill is loaded. A scripted server plays the model, and records the instructions of each turn.
 */
import { FetchHttpClient } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Schema } from "effect"
import { Agent, Tool, Toolkit } from "effect-openrouter"
import { Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"

const skills = {
  pdf: "To fill a form, list its fields first.",
  invoices: "Amounts are in euros, dates in ISO 8601."
}

const LoadSkill = Tool.make("load_skill", {
  description: "Loads what you need to know for a task",
  parameters: Schema.Struct({ skill: Schema.Literal("pdf", "invoices") }),
  success: Schema.Struct({ loaded: Schema.String, instructions: Schema.String }),
  // The output is short, because the instructions of the next turn contain the skill
  toModelOutput: ({ loaded }) => `Loaded "${loaded}". Follow its instructions.`,
  nextTurn: ({ current, result }) => ({
    instructions: `${current.instructions ?? ""}\n\n${result.instructions}`.trim()
  })
})

const Skills = Toolkit.make(LoadSkill)
const SkillsLive = Skills.toLayer({
  load_skill: ({ skill }) => Effect.succeed({ loaded: skill, instructions: skills[skill] })
})

const program = Effect.gen(function*() {
  const server = yield* ScriptedServer.ScriptedServer
  const run = yield* Agent.run({
    model: "openai/gpt-5-nano",
    instructions: "You are a clerk.",
    // Parameters that depend on the turn combine with changes by tools
    temperature: ({ turn }) => turn === 1 ? 0 : 0.5,
    input: "Fill in this invoice, please.",
    tools: Skills
  })
  for (const { index, json } of yield* server.requests) {
    yield* Console.log(`Turn ${index + 1}, temperature ${json["temperature"]}: ${JSON.stringify(json["instructions"])}`)
  }
  yield* Console.log(run.text)
})

const turns = [
  Script.toolCall("load_skill", { skill: "pdf" }),
  Script.toolCall("load_skill", { skill: "invoices" }),
  "Done: 12.50 euros, 2026-05-03."
]

program.pipe(
  Effect.provide(SkillsLive),
  Effect.provide(Layer.provide(ScriptedServer.layerClient({ turns }), FetchHttpClient.layer)),
  NodeRuntime.runMain
)
