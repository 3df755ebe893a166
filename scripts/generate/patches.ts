/**
 * Where OpenRouter's document and OpenRouter's answers disagree: what each patch changes, and why. A patch that no longer
 * changes anything stops the generator, so that none outlives its reason.
 *
 * Two rules stand beside the patches and hold for everything that can be received (print.ts): an optional field may be
 * null, and a nullable field may be absent, since both are seen for the same field.
 */
import type { JsonObject } from "./json.js"

export interface Patch {
  readonly why: string
  /** The schema object as a JSON pointer, or a pattern for names of component schemas. */
  readonly in: string | RegExp
  /** Required properties that are not always there. */
  readonly optional?: ReadonlyArray<string>
  /** The properties that are always there: every other one becomes optional. */
  readonly only?: ReadonlyArray<string>
  /** Properties that the document does not know, all optional. */
  readonly add?: JsonObject
  /** Properties that the document describes wrongly. */
  readonly replace?: JsonObject
}

const component = (name: string): string => `#/components/schemas/${name}`

const ref = (name: string): JsonObject => ({ $ref: component(name) })

/** Keeps the named properties required in each schema. */
const only = (why: string, schemas: Readonly<Record<string, ReadonlyArray<string>>>): ReadonlyArray<Patch> =>
  Object.entries(schemas).map(([name, names]) => ({
    why,
    in: name.startsWith("#") ? name : component(name),
    only: names
  }))

const text: JsonObject = { type: ["string", "null"] }

export const patches: ReadonlyArray<Patch> = [
  // --- the document contradicts its own examples ---
  {
    why: "The document's own examples of video models leave these out.",
    in: component("VideoModel"),
    optional: ["creativity", "upscale_factor"]
  },
  {
    why: "A list that was not asked for a page carries neither; nor do the document's own examples.",
    in: component("ModelsListResponse"),
    optional: ["total_count", "links"]
  },
  {
    why: "The property that names the shape of a file is left out, as in the document's own examples.",
    in: /^(OpenRouter|OpenAI|Anthropic)File(Deleted|List)?$/,
    optional: ["_shape"]
  },

  // --- what the API sends and the document does not know ---
  {
    why: "Every recorded answer names its provider; Perplexity's also cite their sources.",
    in: component("ChatResult"),
    add: { provider: text, citations: { type: ["array", "null"], items: { type: "string" } } }
  },
  {
    why: "Every recorded chunk names its provider; the debug option adds a chunk with what was sent upstream.",
    in: component("ChatStreamChunk"),
    add: { provider: text, debug: { type: "object", additionalProperties: {} } },
    replace: { error: ref("ChatError") }
  },
  {
    why: "Recorded choices carry the upstream's own finish reason, and the error that cut them short; logprobs were seen " +
      "as a bare number.",
    in: /^Chat(Stream)?Choice$/,
    add: { native_finish_reason: text, error: ref("ChatError") },
    replace: { logprobs: { anyOf: [ref("ChatTokenLogprobs"), { type: "number" }, { type: "null" }] } }
  },
  {
    why: "Recorded messages carry citations of pages and files; file annotations are sent back to skip parsing again.",
    in: component("ChatAssistantMessage"),
    add: { annotations: { type: "array", items: ref("ChatAnnotation") } }
  },
  {
    why: "Annotations arrive in a recorded delta, and images in the same form as in a whole message.",
    in: component("ChatStreamDelta"),
    add: { annotations: { type: "array", items: ref("ChatAnnotation") }, images: ref("ChatAssistantImages") }
  },
  {
    why: "Every recorded answer names its provider.",
    in: "#/paths/~1embeddings/post/responses/200/content/application~1json/schema",
    add: { provider: text }
  },

  // --- fields that are not always there ---
  {
    why: "Recorded tool calls have come without arguments, and with null.",
    in: `${component("ChatToolCall")}/properties/function`,
    only: ["name"],
    replace: { arguments: text }
  },
  {
    why: "Recorded fragments have null for what an earlier fragment said.",
    in: `${component("ChatStreamToolCall")}/properties/function`,
    replace: { arguments: text, name: text }
  },
  ...only("Answers recorded at other times lack the rest.", {
    ChatResult: ["id", "choices", "model"],
    ChatStreamChunk: ["choices"],
    ChatTokenLogprobs: [],
    ChatTokenLogprob: ["token", "logprob"],
    BaseResponsesResult: ["id", "model", "output"],
    [`${component("GenerationResponse")}/properties/data`]: ["id", "created_at", "model", "total_cost", "usage"],
    Model: ["id", "name", "pricing", "architecture", "top_provider"],
    ModelArchitecture: [],
    TopProviderInfo: []
  }),
  ...only("Details of cost and usage differ between providers and grow with time; none is worth losing an answer.", {
    CostDetails: []
  })
]
