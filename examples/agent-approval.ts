/**
 * A tool that requires an approval, and a run that continues in another process. The first process runs until a call
 * waits for an approval, and ends. The second process loads the conversation from the disk, prompts for a decision at the
 * terminal, and continues the run. The decision can hold for all later calls of the tool in this conversation, too.
 *
 * `npx tsx examples/agent-approval.ts` starts both, one after the other. Without a terminal, it allows the tool for good.
 */
import { FetchHttpClient, FileSystem, Terminal } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Schema } from "effect"
import { Agent, Approval, Conversation, Tool, Toolkit } from "effect-openrouter"
import { Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"

const DeleteFiles = Tool.make("delete_files", {
  description: "Deletes files for good",
  parameters: Schema.Struct({ paths: Schema.Array(Schema.String) }),
  success: Schema.Struct({ deleted: Schema.Number }),
  requireApproval: ({ paths }) => paths.some((path) => !path.startsWith("drafts/"))
})

const Files = Toolkit.make(DeleteFiles)
const FilesLive = Files.toLayer({
  delete_files: ({ paths }, call) =>
    Console.log(`(deleting ${paths.join(", ")} with the key ${call.idempotencyKey})`).pipe(
      Effect.as({ deleted: paths.length })
    )
})

const conversation = "tidy-up"
const agent = { model: "openai/gpt-5-nano", tools: Files, conversation } as const

const first = Effect.gen(function*() {
  const run = yield* Agent.run({ ...agent, input: "Tidy up the old reports, please." })
  yield* Console.log(`The first process ends: ${run.outcome._tag}.`)
})

const second = Effect.gen(function*() {
  const approve: Array<string> = []
  const reject: Array<string> = []
  for (const call of Conversation.pending(yield* Conversation.load(conversation))) {
    const decision = yield* ask(`May ${call.name} run with ${JSON.stringify(call.arguments)}?`)
    if (decision === "always") yield* Approval.allow(conversation, DeleteFiles, { expiresIn: "8 hours" })
    ;(decision === "no" ? reject : approve).push(call.callId)
  }
  const run = yield* Agent.run({ ...agent, approve, reject })
  yield* Console.log(run.text)
  yield* Console.log(`The second process ends: ${run.outcome._tag}.`)
})

const ask = (question: string) =>
  Effect.gen(function*() {
    if (!process.stdin.isTTY) return yield* Effect.as(Console.log(`${question} No terminal: always.`), "always")
    const terminal = yield* Terminal.Terminal
    yield* terminal.display(`${question} [y]es, [a]lways, [N]o `)
    const answer = (yield* terminal.readLine).trim().toLowerCase()
    return answer.startsWith("y") ? "yes" : answer.startsWith("a") ? "always" : "no"
  })

/** Two processes that share only a directory. */
const both = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped({ prefix: "conversations" })
  for (const part of ["first", "second"]) {
    const script = fileURLToPath(import.meta.url)
    const args = [...process.execArgv, script, part, directory]
    const { status } = yield* Effect.sync(() => spawnSync(process.execPath, args, { stdio: "inherit" }))
    if (status !== 0) return yield* Effect.die(new Error(`The ${part} process ended with ${status}`))
  }
}).pipe(Effect.scoped)

const turns = {
  first: [Script.toolCall("delete_files", { paths: ["/reports/2019.pdf", "/reports/2020.pdf"] })],
  second: [
    // If the tool is allowed, this call needs no approval
    Script.toolCall("delete_files", { paths: ["/reports/2021.pdf"] }),
    ({ json }: Script.RecordedRequest) =>
      JSON.stringify(json["input"]).includes("rejected")
        ? "I keep the old reports."
        : "The old reports are gone."
  ]
}

const environment = (directory: string, script: Script.Script) =>
  Layer.mergeAll(
    FilesLive,
    Conversation.layerFileSystem({ directory }),
    Layer.provide(ScriptedServer.layerClient({ turns: script }), FetchHttpClient.layer)
  )

const [, , part, directory = "conversations"] = process.argv

const main = Effect.gen(function*() {
  if (part === "first") return yield* Effect.provide(first, environment(directory, turns.first))
  if (part === "second") return yield* Effect.provide(second, environment(directory, turns.second))
  return yield* both
})

main.pipe(Effect.provide(NodeContext.layer), NodeRuntime.runMain)
