/** Entries of conversations, and the stores that keep them. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Conversation from "../../../src/agent/Conversation.js"
import type { ToolRecord } from "../../../src/agent/internal/run.js"
import * as Usage from "../../../src/agent/Usage.js"
import { guard } from "../../../src/schema/guard.js"
import type { OpenResponsesResult } from "../../../src/schema/Responses.js"
import type { OutputItems } from "../../../src/schema/ResponsesItems.js"
import type { FunctionCallOutputItem, InputItem } from "../../../src/schema/ResponsesItemsRequest.js"
import { valuesOf } from "../../schema/support/values.js"

type Entry = Conversation.Entry

export const user = (content: string): InputItem => ({ role: "user", content })

export const input = (content: string): Entry => ({ _tag: "input", items: [user(content)] })

export const call = (call_id: string, args = "{}"): OutputItems => ({
  type: "function_call",
  id: `fc_${call_id}`,
  call_id,
  name: "look_up",
  arguments: args
})

export const message = (text: string): OutputItems => ({
  type: "message",
  id: "msg_1",
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text, annotations: [] }]
})

export const turn = (
  number: number,
  output: ReadonlyArray<OutputItems>,
  more: Partial<OpenResponsesResult> = {}
): Entry => {
  const response = { id: `resp_${number}`, model: "m", output, ...more }
  const usage = Usage.ofResponse(response)
  return { _tag: "turn", run: "run-1", record: { turn: number, response, usage, startedAt: 1, endedAt: 2 } }
}

export const toolRecord = (callId: string, more: Partial<ToolRecord> = {}): ToolRecord => ({
  turn: 1,
  callId,
  name: "look_up",
  status: "success",
  output: `output of ${callId}`,
  result: { of: callId },
  usage: Usage.none,
  startedAt: 1,
  endedAt: 2,
  ...more
})

export const tool = (callId: string, more: Partial<ToolRecord> = {}): Entry => ({
  _tag: "tool",
  run: "run-1",
  record: toolRecord(callId, more)
})

export const outputItem = (call_id: string, output = `output of ${call_id}`): FunctionCallOutputItem => ({
  type: "function_call_output",
  call_id,
  output
})

const isEntry = guard(Conversation.Entry)

/** Any entry after a round trip through JSON, with unknown items, fields and values. */
export const anyEntry: FastCheck.Arbitrary<Entry> = valuesOf(Conversation.Entry.ast)
  .map((value): unknown => JSON.parse(JSON.stringify(value)))
  .filter(isEntry)

export const anyAppends: FastCheck.Arbitrary<ReadonlyArray<ReadonlyArray<Entry>>> = FastCheck.array(
  FastCheck.array(anyEntry, { maxLength: 3 }),
  { maxLength: 6 }
)

/** A layer over a directory that is removed with the layer. */
const inDirectory = <A, R>(layer: (directory: string) => Layer.Layer<A, unknown, R>) =>
  Layer.unwrapScoped(
    Effect.map(Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped()), layer)
  ).pipe(Layer.provide(NodeContext.layer), Layer.orDie)

/** Each kind of store, empty. */
export const stores: Readonly<Record<string, Layer.Layer<Conversation.Conversation>>> = {
  "in memory": Conversation.layerMemory,
  "in a KeyValueStore in memory": Layer.provide(Conversation.layerKeyValueStore, KeyValueStore.layerMemory),
  "in a KeyValueStore of files": Layer.provide(
    Conversation.layerKeyValueStore,
    inDirectory((directory) => Layer.provide(KeyValueStore.layerFileSystem(directory), NodeContext.layer))
  ),
  "in files": inDirectory((directory) => Layer.provide(Conversation.layerFileSystem({ directory }), NodeContext.layer))
}
