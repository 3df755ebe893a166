/** Agents inside of tools: they wait for approvals, answers and outputs, or do not wait. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { model, outputsOf } from "../scenarios/support.js"

const Drop = Tool.make("drop", {
  parameters: Schema.Struct({ table: Schema.String }),
  success: Schema.String,
  requireApproval: true
})
const Ask = Tool.make("ask", { success: Schema.String, answer: Schema.Number })
const Sign = Tool.manual("sign", { success: Schema.String })
export const Look = Tool.make("look", { success: Schema.String })
/** Somebody asks to interrupt the outer run while this tool executes. */
const Dig = Tool.make("dig", { success: Schema.String, dependencies: [Conversation.Conversation] })
export const Inner = Toolkit.make(Drop, Ask, Sign, Look, Dig)

const Delegate = Tool.make("delegate", {
  parameters: Schema.Struct({ to: Schema.Array(Schema.String) }),
  success: Schema.Array(Schema.String),
  failure: Schema.String,
  retry: Schedule.recurs(3)
})
export const Outer = Toolkit.make(Delegate)
/** The same for an agent that is itself inside of a tool. */
const Order = Tool.make("order", { success: Schema.String, failure: Schema.String })
const Middle = Toolkit.make(Order)

/** The calls of each inner agent in its only turn with calls. All ids are the same in all agents, as from one provider. */
const callsOf: Record<string, ReadonlyArray<Script.Part>> = {
  cleaner: [Script.toolCall("drop", { table: "old" }, { id: "call_1" })],
  sweeper: [Script.toolCall("drop", { table: "dust" }, { id: "call_1" })],
  asker: [Script.toolCall("ask", {}, { id: "call_1" })],
  signer: [Script.toolCall("sign", {}, { id: "call_1" })],
  digger: [Script.toolCall("dig", {}, { id: "call_1" })],
  looker: [Script.toolCall("look", {}, { id: "call_1" })],
  boss: [Script.toolCall("order", {}, { id: "call_1" })]
}

const turns = (to: ReadonlyArray<string>) =>
  Script.forever((request) => {
    const who = String(request.json["instructions"] ?? "outer")
    const outputs = outputsOf(request)
    if (outputs.length > 0) {
      return Script.turn(`${who}: ${JSON.stringify(outputs.map(([, output]) => output))}`, { cost: 1 })
    }
    return Script.turn(callsOf[who] ?? [Script.toolCall("delegate", { to }, { id: "call_1" })], { cost: 1 })
  })

/** What handlers did, in a world that survives its processes. */
export const makeWorld = (
  to: ReadonlyArray<string>,
  options: { readonly own?: boolean; readonly fails?: boolean; readonly inOrder?: boolean } = {}
) => {
  const done: Array<string> = []
  const did = (key: string, value: string) =>
    Effect.sync(() => {
      done.push(key)
      return value
    })
  const inner = Inner.toLayer({
    drop: ({ table }, call) => did(call.idempotencyKey, `dropped ${table}`),
    ask: (_, call) => Effect.flatMap(call.answer, (answer) => did(call.idempotencyKey, `answer ${answer}`)),
    look: (_, call) => did(call.idempotencyKey, "seen"),
    dig: (_, call) =>
      Effect.zipRight(Effect.orDie(Conversation.interrupt("c", "enough")), did(call.idempotencyKey, "gold"))
  })
  const optionsOf = (instructions: string) => ({
    model,
    instructions,
    input: "Go",
    conversation: options.own === true ? `own-${instructions}` : undefined
  })
  const middle = Middle.toLayer({
    order: () =>
      Effect.mapBoth(Agent.run({ ...optionsOf("cleaner"), tools: Inner }), {
        onFailure: ({ _tag }) => _tag,
        onSuccess: ({ text }) => text
      })
  })
  const ended = ({ outcome, text }: Agent.Run) =>
    options.fails === true && outcome._tag !== "completed" ? Effect.fail(outcome._tag) : Effect.succeed(text)
  const agent = (name: string) =>
    Effect.gen(function*() {
      if (name === "boss") return yield* ended(yield* Agent.run({ ...optionsOf(name), tools: Middle }))
      return yield* ended(yield* Agent.run({ ...optionsOf(name), tools: Inner }))
    })
  const outer = Outer.toLayer({
    delegate: ({ to }) =>
      Effect.forEach(
        to,
        (name) => Effect.mapError(agent(name), (error) => typeof error === "string" ? error : error._tag),
        { concurrency: options.inOrder === true ? 1 : "unbounded" }
      )
  })
  const layer = outer.pipe(
    Layer.provideMerge(middle),
    Layer.provideMerge(inner),
    Layer.provideMerge(Conversation.layerMemory),
    Layer.provideMerge(TestModel.layer([turns(to)]))
  )
  return { done, layer }
}

/** The options of the outer run. */
export const run = { model, tools: Outer, conversation: "c" } as const
