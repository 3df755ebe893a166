import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../src/agent/Agent.js"
import * as Approval from "../../src/agent/Approval.js"
import * as Conversation from "../../src/agent/Conversation.js"
import { checkToken } from "../../src/agent/internal/approval.js"
import type { PendingCall } from "../../src/agent/internal/run.js"
import * as Tool from "../../src/agent/Tool.js"
import * as Toolkit from "../../src/agent/Toolkit.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"

const approvals: Approval.Signing = { key: Redacted.make("0123456789abcdef0123456789abcdef"), scope: "user-17" }

const Pay = Tool.make("pay", {
  parameters: Schema.Struct({ euros: Schema.Number, note: Schema.optional(Schema.String) }),
  success: Schema.String,
  requireApproval: true
})
const tools = Toolkit.make(Pay)
const agent = { model: "test/model", tools } as const

/** A run that waits for the approval of one euro, and what is paid afterwards. */
const waiting = Effect.gen(function*() {
  const paid: Array<number> = []
  const live = tools.toLayer({ pay: ({ euros }) => Effect.sync(() => `paid ${paid.push(euros)}`) })
  const layer = Layer.mergeAll(
    live,
    Conversation.layerMemory,
    TestModel.layer([[Script.toolCall("pay", { euros: 1, note: "hi" }, { id: "call_1" })], "Done."], {
      allowUnused: true
    })
  )
  return { paid, layer }
})

const scenario = (
  body: (world: {
    readonly run: Agent.Run
    readonly token: string
    readonly paid: ReadonlyArray<number>
  }) => Effect.Effect<void, unknown, Effect.Effect.Context<ReturnType<typeof resume>> | TestModel.TestModel>
) =>
  Effect.gen(function*() {
    const { layer, paid } = yield* waiting
    yield* Effect.gen(function*() {
      const run = yield* Agent.run({ ...agent, input: "Pay" })
      const token = (yield* Approval.sign(run.pending, approvals))["call_1"] ?? assert.fail("not signed")
      yield* body({ run, token, paid })
    }).pipe(Effect.provide(layer))
  })

const resume = (input: Agent.Run["history"], token: string, signing = approvals) =>
  Agent.run({ ...agent, input, approvals: signing, approve: [token] })

const refusal = <A, E extends { readonly message: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), ({ message }) => message)

/** The history as a client may return it. */
const edited = (history: Agent.Run["history"], from: string, to: string): Agent.Run["history"] =>
  JSON.parse(JSON.stringify(history).replace(from, to))

describe("a signed approval", () => {
  it.effect("executes the call that was signed", () =>
    scenario(({ paid, run, token }) =>
      Effect.gen(function*() {
        const next = yield* resume(edited(run.history, "", ""), token)
        assert.deepStrictEqual(next.outcome, { _tag: "completed" })
        assert.deepStrictEqual(paid, [1])
      })
    ))

  it.effect("is refused for other arguments, another tool, another call and another key or scope, before anything is sent", () =>
    scenario(({ paid, run, token }) =>
      Effect.gen(function*() {
        const sent = (yield* TestModel.requests).length
        const other: ReadonlyArray<readonly [string, string]> = [
          ["\\\"euros\\\":1", "\\\"euros\\\":1000000"],
          ["\\\"note\\\":\\\"hi\\\"", "\\\"note\\\":\\\"ho\\\""],
          ["\"name\":\"pay\"", "\"name\":\"transfer\""]
        ]
        for (const [from, to] of other) {
          const history = edited(run.history, from, to)
          assert.notDeepEqual(history, run.history)
          assert.include(yield* refusal(resume(history, token)), "was changed after the approval")
        }
        const renamed = edited(run.history, "\"call_id\":\"call_1\"", "\"call_id\":\"call_2\"")
        assert.include(yield* refusal(resume(renamed, token)), "no call \"call_1\" is pending")
        const key = Redacted.make("another key of at least thirty-two characters")
        yield* refusal(resume(run.history, token, { ...approvals, key }))
        yield* refusal(resume(run.history, token, { ...approvals, scope: "user-18" }))
        assert.deepStrictEqual(paid, [])
        assert.strictEqual((yield* TestModel.requests).length, sent)
      })
    ))

  it.effect("is required: the id of a call and texts of any other kind are refused", () =>
    scenario(({ paid, run, token }) =>
      Effect.gen(function*() {
        for (const text of ["call_1", "", ".", "W10.x", `${token}x`, token.slice(0, -1), token.slice(1), `.${token}`]) {
          yield* refusal(resume(run.history, text))
        }
        assert.deepStrictEqual(paid, [])
      })
    ))

  it.effect("expires", () =>
    scenario(({ paid, run, token }) =>
      Effect.gen(function*() {
        yield* TestClock.adjust("1 hour")
        assert.include(yield* refusal(resume(run.history, token)), "expired")
        const { call_1 = "" } = yield* Approval.sign(run.pending, { ...approvals, expiresIn: "1 minute" })
        yield* TestClock.adjust("59 seconds")
        yield* resume(run.history, call_1)
        assert.deepStrictEqual(paid, [1])
      })
    ))

  it.effect("is spent once where the history is stored", () =>
    scenario(({ paid }) =>
      Effect.gen(function*() {
        const { layer } = yield* waiting
        yield* Effect.gen(function*() {
          const run = yield* Agent.run({ ...agent, conversation: "a", input: "Pay" })
          const { call_1 = "" } = yield* Approval.sign(run.pending, approvals)
          yield* Agent.run({ ...agent, conversation: "a", approvals, approve: [call_1] })
          assert.include(
            yield* refusal(Agent.run({ ...agent, conversation: "a", approvals, approve: [call_1] })),
            "no call \"call_1\" is pending"
          )
        }).pipe(Effect.provide(layer))
        assert.deepStrictEqual(paid, [])
      })
    ))

  it.effect("needs a key of at least 32 characters, and shows it nowhere", () =>
    scenario(({ run, token }) =>
      Effect.gen(function*() {
        const key = Redacted.make("short secret")
        const message = yield* refusal(Approval.sign(run.pending, { ...approvals, key }))
        assert.include(message, "32 characters")
        assert.notInclude(message, "short secret")
        assert.notInclude(token, Redacted.value(approvals.key))
      })
    ))
})

const text = FastCheck.oneof(FastCheck.fullUnicodeString(), FastCheck.constantFrom("", "\"", "\",\"", "[", "\n", "."))

const anyCall: FastCheck.Arbitrary<PendingCall> = FastCheck.record({
  callId: text,
  name: text,
  arguments: FastCheck.jsonValue(),
  turn: FastCheck.nat(3),
  reason: FastCheck.constant("approval")
})

describe("a token", () => {
  const plain = (call: PendingCall) => JSON.stringify([call.callId, call.name, call.arguments])

  it.effect.prop(
    "approves any call that it was signed for, and no other with its id",
    [anyCall, anyCall],
    ([one, other]) =>
      Effect.gen(function*() {
        const token = Object.values(yield* Approval.sign([one], approvals))[0] ?? assert.fail("not signed")
        const known: PendingCall = JSON.parse(JSON.stringify(one))
        assert.strictEqual(yield* checkToken(approvals, [known], token), one.callId)
        const forged = { ...other, callId: one.callId }
        if (plain(forged) === plain(one)) return
        assert.strictEqual((yield* Effect.flip(checkToken(approvals, [forged], token))).parameter, "approve")
      })
  )
})
