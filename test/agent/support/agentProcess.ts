/**
 * A process that runs an agent over a conversation in files, and reports its result and its tools to its parent.
 *
 * `pause`: until a call waits for approval. `approve`: continues with that call, whose tool waits for the parent.
 * `crash`: the same, but is killed in the middle of the tool.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { deployer, deployment, lease, request } from "./deployment.js"

const [mode = "", directory = ""] = process.argv.slice(2)

/** Completes when the parent has received it, because the process may be killed directly afterwards. */
const tell = (message: object) =>
  Effect.async<void>((resume) => void process.send?.(message, () => resume(Effect.void)))

const told = (word: string) =>
  Effect.async<void>((resume) => {
    process.on("message", (message) => {
      if (message === word) resume(Effect.void)
    })
  })

const tools = deployment((idempotencyKey) =>
  Effect.gen(function*() {
    yield* tell({ running: idempotencyKey })
    if (mode === "crash") process.kill(process.pid, "SIGKILL")
    yield* told("finish")
  })
)

const run = Effect.gen(function*() {
  const options = mode === "pause" ? { input: "Deploy" } : { approve: ["same_2"] }
  const result = yield* Effect.either(Agent.run({ ...deployer, ...options, lease }))
  const requests = yield* TestModel.requests
  return result._tag === "Left"
    ? { error: result.left._tag, requests }
    : { outcome: result.right.outcome, pending: result.right.pending, requests }
})

const layers = Layer.mergeAll(
  tools,
  // of two processes, one finds the conversation busy and sends nothing
  TestModel.layer([mode === "pause" ? request : "Deployed."], { allowUnused: true }),
  Layer.provide(Conversation.layerFileSystem({ directory }), NodeContext.layer)
)

process.once("message", () => {
  void Effect.runPromise(Effect.provide(run, layers)).then((result) =>
    process.send?.({ result }, () => process.disconnect())
  )
})

process.send?.({ ready: true })
