/**
 * A process that appends to a conversation in files, or in a database, and reports the result to its parent.
 *
 * `race`: at each version in turn, as soon as it is there, until `rounds`. `crash`: once, and is killed where the
 * document is written and not yet in its place. `remove`: looks `rounds` times, and removes what is there.
 * `append`: `rounds` times at the newest version.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as SqlConversation from "../../../src/sql/SqlConversation.js"
import { clientOf } from "../../support/effect/databases.js"

const [mode, directory = "", id = "", name = "", rounds = "0"] = process.argv.slice(2)

const race = Effect.gen(function*() {
  const store = yield* Conversation.Conversation
  const won: Array<number> = []
  for (let version = 0; version < Number(rounds); version++) {
    const entry: Conversation.Entry = { _tag: "closed", run: name, outcome: `${version}` }
    yield* store.append(id, version, [entry, entry]).pipe(
      Effect.map(() => won.push(version)),
      Effect.catchTag("ConversationConflictError", () => Effect.void)
    )
  }
  return won
})

const append = Effect.gen(function*() {
  const store = yield* Conversation.Conversation
  const won: Array<number> = []
  const entry: Conversation.Entry = { _tag: "closed", run: name, outcome: "appended" }
  while (won.length < Number(rounds)) {
    const { version } = yield* store.load(id)
    yield* store.append(id, version, [entry, entry]).pipe(
      Effect.map((version) => won.push(version)),
      Effect.catchTag("ConversationConflictError", () => Effect.void)
    )
  }
  return won
})

const crash = Effect.gen(function*() {
  const store = yield* Conversation.Conversation
  const { version } = yield* store.load(id)
  yield* store.append(id, version, [{ _tag: "closed", run: name, outcome: "never stored" }])
})

/** Looks `rounds` times, removes what is there, and reports the versions. */
const remove = Effect.gen(function*() {
  const store = yield* Conversation.Conversation
  const removed: Array<number> = []
  for (let round = 0; round < Number(rounds); round++) {
    const { entries, version } = yield* store.load(id)
    if (entries.length === 0) continue
    yield* (store.remove?.(id, version) ?? Effect.succeed(0)).pipe(
      Effect.map((version) => removed.push(version)),
      Effect.catchTag("ConversationConflictError", () => Effect.void)
    )
  }
  return removed
})

const killedAtLink = Layer.effect(
  FileSystem.FileSystem,
  Effect.map(
    FileSystem.FileSystem,
    (fs) => FileSystem.FileSystem.of({ ...fs, link: () => Effect.sync(() => process.kill(process.pid, "SIGKILL")) })
  )
).pipe(Layer.provideMerge(NodeContext.layer))

const over = (platform: typeof killedAtLink) =>
  /^(file|postgres|mysql):/.test(directory)
    ? Layer.provide(SqlConversation.layer(), clientOf(directory))
    : Layer.provide(Conversation.layerFileSystem({ directory }), platform)

process.on("message", () => {
  const effect = mode === "crash"
    ? Effect.provide(crash, over(killedAtLink))
    : Effect.provide(mode === "remove" ? remove : mode === "append" ? append : race, over(NodeContext.layer))
  void Effect.runPromise(effect).then((result) => process.send?.({ result }, () => process.disconnect()))
})

process.send?.({ ready: true })
