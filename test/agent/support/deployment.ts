/** An agent whose tools change its parameters and wait for an approval, for runs in several processes. */
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"

const Learn = Tool.make("learn", {
  parameters: Schema.Struct({ skill: Schema.String }),
  success: Schema.Struct({ level: Schema.NumberFromString }),
  nextTurn: ({ current, params, result }) => ({
    instructions: `${current.instructions ?? ""} ${params.skill} ${result.level + 1}`
  })
})

const Deploy = Tool.make("deploy", {
  parameters: Schema.Struct({ branch: Schema.String }),
  success: Schema.String,
  requireApproval: true
})

const tools = Toolkit.make(Learn, Deploy)

export const deployer = { model: "test/model", tools, conversation: "shared", instructions: "Knows" } as const

export const lease = "1 hour"

/** The first response of the model: two calls with one id. */
export const request: ReadonlyArray<Script.Part> = [
  Script.toolCall("learn", { skill: "docker" }, { id: "same" }),
  Script.toolCall("deploy", { branch: "main" }, { id: "same" })
]

/** The tools; a deployment does `work`, which receives the idempotency key. */
export const deployment = (
  work: (idempotencyKey: string) => Effect.Effect<void>
): Layer.Layer<Tool.Handler<"deploy"> | Tool.Handler<"learn">> =>
  tools.toLayer({
    learn: () => Effect.succeed({ level: 6 }),
    deploy: ({ branch }, call) => Effect.as(work(call.idempotencyKey), `deployed ${branch}`)
  })
