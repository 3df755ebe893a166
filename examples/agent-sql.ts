/**
 * Conversations in Postgres, for any number of machines: the first run stores what was said, another one goes on with it,
 * and the conversation of a user is removed with all its rows.
 *
 * `DATABASE_URL=postgres://… npx tsx examples/agent-sql.ts` needs a database. It makes the table
 * `openrouter_conversations` there.
 */
import { FetchHttpClient } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import { Console, Effect, Layer, Redacted } from "effect"
import { Agent, Conversation } from "effect-openrouter"
import { SqlConversation } from "effect-openrouter/sql"
import type { Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"

const conversation = "user-17/welcome"

const ask = (input: string) => Agent.run({ model: "openai/gpt-5-nano", conversation, input })

const program = Effect.gen(function*() {
  yield* ask("My name is Ada.")
  const run = yield* ask("What is my name?")
  yield* Console.log(run.text)

  const { conversations } = yield* Conversation.list({ prefix: "user-17/" })
  yield* Console.log(conversations.map(({ id, version }) => `${id}: ${version} appends`).join("\n"))
  yield* Conversation.remove(conversation)
  yield* Console.log(
    `${(yield* Conversation.list({ prefix: "user-17/" })).conversations.length} conversations are left`
  )
})

const turns = [
  "Hello, Ada!",
  ({ json }: Script.RecordedRequest) => JSON.stringify(json["input"]).includes("Ada") ? "It is Ada." : "I do not know."
]

const Conversations = Layer.provide(
  SqlConversation.layer(),
  PgClient.layer({ url: Redacted.make(process.env["DATABASE_URL"] ?? "postgres://localhost:5432/postgres") })
)

program.pipe(
  Effect.provide(Conversations),
  Effect.provide(Layer.provide(ScriptedServer.layerClient({ turns }), FetchHttpClient.layer)),
  NodeRuntime.runMain
)
