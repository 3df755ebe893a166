/**
 * A process whose agent pays bills, one in each turn, over a conversation in a database. It tells its parent when a payment
 * begins, when it has ended and when its turn is stored, so that the parent can kill it there. Each payment is in a table.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import { arrayAt, stringAt } from "../../../src/internal/json.js"
import * as SqlConversation from "../../../src/sql/SqlConversation.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { clientOf } from "../../support/effect/databases.js"

const [address = "", bills = "0"] = process.argv.slice(2)

/** Completes when the parent has it. */
const tell = (message: object) =>
  Effect.async<void>((resume) => void process.send?.(message, () => resume(Effect.void)))

const Pay = Tool.make("pay", { parameters: Schema.Struct({ bill: Schema.Number }), success: Schema.String })
const tools = Toolkit.make(Pay)

const ToolsLive = tools.toLayer(Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const store = yield* Conversation.Conversation
  return {
    pay: (_, { id, idempotencyKey }) =>
      Effect.orDie(Effect.gen(function*() {
        const { entries } = yield* store.load("bills")
        const isRecorded = entries.some((entry) => entry._tag === "tool" && entry.record.callId === id)
        yield* tell({ event: "begins" })
        yield* sql`INSERT INTO payments (id, recorded) VALUES (${idempotencyKey}, ${isRecorded ? 1 : 0})`
        yield* tell({ event: "paid" })
        return "paid"
      }))
  }
}))

const model = Script.forever((request) => {
  const paid = arrayAt(request.json, "input").filter((item) => stringAt(item, "type") === "function_call_output").length
  return paid < Number(bills) ? Script.toolCall("pay", { bill: paid }, { id: `bill${paid}` }) : "Done."
})

const options = { model: "test/model", tools, conversation: "bills", maxSteps: 1000 } as const

const pay = Effect.gen(function*() {
  const { entries } = yield* Conversation.load("bills")
  // The process before this one is dead, so what it held is free
  yield* Conversation.takeOver("bills")
  yield* Agent.stream(entries.length > 0 ? options : { ...options, input: "Pay my bills." }).pipe(
    Stream.runForEach((event) => event.type === "tool.call_output" ? tell({ event: "stored" }) : Effect.void)
  )
  return true
})

const layers = Layer.mergeAll(ToolsLive, TestModel.layer([model], { allowUnused: true })).pipe(
  Layer.provideMerge(SqlConversation.layer()),
  Layer.provideMerge(clientOf(address))
)

process.once("message", () => {
  void Effect.runPromise(Effect.provide(pay, layers)).then((result) =>
    process.send?.({ result }, () => process.disconnect())
  )
})

process.send?.({ ready: true })
