/** Each option of `Agent.Options`, and whether it goes over the wire. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"

import * as Agent from "../../src/agent/Agent.js"
import * as Approval from "../../src/agent/Approval.js"
import * as Budget from "../../src/agent/Budget.js"
import * as Compaction from "../../src/agent/Compaction.js"
import * as Conversation from "../../src/agent/Conversation.js"
import * as StopWhen from "../../src/agent/StopWhen.js"
import * as Tool from "../../src/agent/Tool.js"
import * as Toolkit from "../../src/agent/Toolkit.js"
import { isObject } from "../../src/internal/json.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"

type All<Fields> = { readonly [Field in keyof Fields]-?: Exclude<Fields[Field], null | undefined> }

const Pay = Tool.make("pay", { success: Schema.String, requireApproval: true })
const Ask = Tool.manual("ask")
const kit = Toolkit.make(Pay, Ask)

const call = (name: string, call_id: string) => ({ type: "function_call", name, call_id, arguments: "{}" } as const)

/** The agent's own options. A missing option does not compile. */
const own = {
  input: [{ role: "user", content: "Pay twice." }, call("pay", "yes"), call("pay", "no"), call("ask", "value")],
  tools: kit,
  activeTools: ["pay", "ask"],
  stopWhen: [StopWhen.stepCountIs(5)],
  budget: Effect.runSync(Budget.make({ usd: 1 })),
  maxSteps: 6,
  allowFinalResponse: "Summarize.",
  strictFinalResponse: true,
  approve: ["yes"],
  approvals: { key: Redacted.make("a secret of at least thirty-two characters"), scope: "user-1" },
  reject: [{ callId: "no", reason: "Once is enough." }],
  answer: { value: "blue" },
  conversation: "conversation-1",
  lease: "1 minute",
  compaction: Compaction.make({ contextLength: 100_000 }),
  cache: "auto",
  output: Schema.Struct({ paid: Schema.Number }),
  middleware: [{}],
  retryTurn: Schedule.recurs(1),
  toolConcurrency: 2,
  onUnknownTool: "error",
  name: "payer",
  runId: "task-1"
} as const satisfies All<Omit<Agent.Options, keyof Agent.TurnParams>>

/** The fields of a request. A missing field does not compile. */
const fields = {
  background: false,
  cache_control: { type: "ephemeral" },
  debug: { echo_upstream_body: false },
  frequency_penalty: 0.1,
  image_config: {},
  include: ["reasoning.encrypted_content"],
  instructions: "Be brief.",
  max_output_tokens: 100,
  max_tool_calls: 3,
  metadata: { key: "value" },
  modalities: ["text"],
  model: "test/model",
  models: ["test/other"],
  parallel_tool_calls: true,
  plugins: [],
  presence_penalty: 0.2,
  previous_response_id: null,
  prompt: { id: "prompt_1" },
  prompt_cache_key: "cache-1",
  prompt_cache_options: { mode: "implicit" },
  provider: { order: ["test"] },
  reasoning: { effort: "low" },
  route: "fallback",
  safety_identifier: "user-1",
  service_tier: "auto",
  session_id: "session-1",
  stop_server_tools_when: [],
  store: false,
  temperature: 0.5,
  text: { verbosity: "low" },
  tool_choice: "auto",
  top_k: 4,
  top_logprobs: 2,
  top_p: 0.9,
  trace: {},
  truncation: "auto",
  user: "user-1"
} as const satisfies All<Agent.TurnParams>

/** The fields that the library itself adds to every request. */
const added = ["input", "stream", "tools"]

const layers = Layer.mergeAll(
  kit.toLayer({ pay: () => Effect.succeed("paid") }),
  Conversation.layerMemory,
  TestModel.layer([Script.turn([Script.text(["{\"paid\":1}"])])])
)

describe("the options of a run", () => {
  it.effect("go over the wire if they are fields of a request, and only then", () =>
    Effect.gen(function*() {
      const approved = { callId: "yes", name: "pay", arguments: {}, turn: 0, reason: "approval" } as const
      const tokens = yield* Approval.sign([approved], own.approvals)
      const run = yield* Agent.run({ ...own, ...fields, approve: Object.values(tokens) })
      assert.deepStrictEqual([run.outcome, run.value], [{ _tag: "completed" }, { paid: 1 }])
      const requests = yield* TestModel.requests
      assert.strictEqual(requests.length, 1)
      const sent = requests[0]?.json
      if (!isObject(sent)) return assert.fail("the request has no JSON body")
      assert.sameMembers(Object.keys(sent), [...Object.keys(fields), ...added])
      for (const field of Object.keys(fields)) {
        // `output` adds the schema to `text` and its requirement to `provider`
        const expected: unknown = Reflect.get(fields, field)
        if (field === "text" || field === "provider") assert.containSubset(sent[field], expected)
        else assert.deepStrictEqual(sent[field], expected, field)
      }
    }).pipe(Effect.provide(layers)))
})
