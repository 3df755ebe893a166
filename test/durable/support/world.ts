/** Durable runs in memory: their tools keep the keys of what they finished, whatever is replayed. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import type * as DurableAgent from "../../../src/durable/DurableAgent.js"
import * as DurableEngine from "../../../src/durable/DurableEngine.js"
import type * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"

export const model = "test/model"

export const Look = Tool.make("look", { success: Schema.String })
const Pay = Tool.make("pay", { success: Schema.String, requireApproval: true })
const Ask = Tool.make("ask", { success: Schema.String, answer: Schema.Number })
const Inner = Toolkit.make(Look)
const librarian = Agent.make({ name: "librarian", model, instructions: "inner", tools: Inner })

export const tools = Toolkit.make(Look, Pay, Ask, Agent.asTool(librarian))

/** An agent with these tools. */
export const agent = { model, input: "Go", tools } as const

/** Everything that a test needs, and the keys of the calls that its tools finished. */
export const world = (script: Script.Script) => {
  const finished: Array<string> = []
  const did = (key: string) => Effect.as(Effect.sync(() => finished.push(key.slice(key.indexOf("/")))), "ok")
  const look = Inner.toLayer({ look: (_, call) => did(call.idempotencyKey) })
  const rest = Toolkit.make(Pay, Ask).toLayer({
    pay: (_, call) => did(call.idempotencyKey),
    ask: (_, call) => Effect.flatMap(call.answer, (answer) => did(`${call.idempotencyKey} = ${answer}`))
  })
  return {
    finished,
    layer: Layer.mergeAll(look, rest, DurableEngine.layerMemory, TestModel.layer(script))
  }
}

/** Lets an engine in memory do what it can without a decision. */
export const settle = TestClock.adjust("2 seconds")

/** The result of a run that has ended. */
export const endOf = <P, A, E>(agent: DurableAgent.DurableAgent<P, A, E>, executionId: string) =>
  Effect.flatMap(
    agent.status(executionId),
    (status) => status._tag === "ended" ? status.exit : Effect.die(`The run is ${status._tag}`)
  )
