/** Tools of which one waits for an approval, and a list of the executed calls. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import type { FunctionCallOutputItem } from "../../../src/schema/ResponsesItemsRequest.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"

/** The executed calls, in the order in which they started. */
class Book extends Context.Tag("test/Book")<Book, Array<string>>() {}

const write = (line: string) => Effect.map(Book, (book) => book.push(line))

export const carriedOut: Effect.Effect<ReadonlyArray<string>, never, Book> = Effect.map(Book, (book) => [...book])

export const Pay = Tool.make("pay", {
  parameters: Schema.Struct({ amount: Schema.Number }),
  success: Schema.Struct({ paid: Schema.Number }),
  requireApproval: true
})

export const Balance = Tool.make("balance", {
  parameters: Schema.Struct({ account: Schema.String }),
  success: Schema.Number
})

/** Waits for an answer of a person, and continues with it. */
export const Ask = Tool.make("ask", {
  parameters: Schema.Struct({ question: Schema.String }),
  success: Schema.String,
  answer: Schema.Struct({ days: Schema.NumberFromString })
})

/** A manual tool, which the caller executes. */
export const Sign = Tool.manual("sign", {
  parameters: Schema.Struct({ paper: Schema.String }),
  success: Schema.Struct({ by: Schema.String })
})

export const bank = Toolkit.make(Pay, Balance, Ask, Sign)

export const BankLive = bank.toLayer({
  pay: ({ amount }, call) => Effect.as(write(`pay ${amount} as ${call.id}`), { paid: amount }),
  balance: ({ account }) => Effect.as(write(`balance of ${account}`), account.length),
  ask: ({ question }, call) =>
    Effect.gen(function*() {
      yield* write(`ask ${question}`)
      const { days } = yield* call.answer
      yield* write(`told ${days}`)
      return `in ${days} days`
    })
}).pipe(Layer.provideMerge(Layer.sync(Book, () => [])))

export const pay = (amount: number, id = `pay_${amount}`) => Script.toolCall("pay", { amount }, { id })

export const balance = (account: string, id = `balance_${account}`) => Script.toolCall("balance", { account }, { id })

export const ask = (question: string, id = `ask_${question}`) => Script.toolCall("ask", { question }, { id })

export const sign = (paper: string, id = `sign_${paper}`) => Script.toolCall("sign", { paper }, { id })

/** The bank, and a model that follows a script. */
export const script = (...turns: Script.Script) => Layer.mergeAll(BankLive, TestModel.layer(turns))

/** The same for runs that end before the script does. */
export const scriptOfMore = (...turns: Script.Script) =>
  Layer.mergeAll(BankLive, TestModel.layer(turns, { allowUnused: true }))

export const outputItem = (call_id: string, output: string): FunctionCallOutputItem => ({
  type: "function_call_output",
  call_id,
  output
})

/** The options of every agent of these tests. */
export const options = { model: "test/model", tools: bank } as const
