/**
 * Where OpenRouter's document and its real requests and answers disagree: what each patch changes, and why. A patch that
 * no longer changes anything stops the generator, so that none outlives its reason.
 *
 * Two rules stand beside the patches and hold for everything that can be received (print.ts): an optional field may be
 * null, and a nullable field may be absent, since both are seen for the same field.
 */
import type { JsonObject } from "./json.js"

/** A status that operations answer with and the document does not list. */
export interface DocumentedStatus {
  readonly why: string
  readonly status: number
  readonly operations: ReadonlyArray<string>
}

/** A parameter of the query that operations take and the document does not list. */
export interface AddedParameter {
  readonly why: string
  readonly name: string
  readonly schema: JsonObject
  readonly operations: ReadonlyArray<string>
}

export const statuses: ReadonlyArray<DocumentedStatus> = [
  {
    why: "Upstreams that fall silent end in a gateway timeout; the official SDK has a class for it.",
    status: 504,
    operations: [
      "createAudioSpeech",
      "createAudioTranscriptions",
      "createEmbeddings",
      "createImages",
      "createMessages",
      "createRerank",
      "createResponses",
      "sendChatCompletionRequest"
    ]
  },
  ...[402, 408, 413, 422, 502, 524].map((status) => ({
    why: "Messages go through the router that chat goes through, and end in the same statuses.",
    status,
    operations: ["createMessages"]
  }))
]

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
  /** Values that the document does not know, of a schema that lists its values. */
  readonly values?: ReadonlyArray<string>
  /** Members that the document does not know, of a union. */
  readonly members?: ReadonlyArray<JsonObject>
}

export const component = (name: string): string => `#/components/schemas/${name}`

export const ref = (name: string): JsonObject => ({ $ref: component(name) })

/** Keeps the named properties required in each schema. */
const only = (why: string, schemas: Readonly<Record<string, ReadonlyArray<string>>>): ReadonlyArray<Patch> =>
  Object.entries(schemas).map(([name, names]) => ({
    why,
    in: name.startsWith("#") ? name : component(name),
    only: names
  }))

export const answer = (operation: string): string =>
  `#/paths/${operation}/responses/200/content/application~1json/schema`

export const text: JsonObject = { type: ["string", "null"] }

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

  {
    why: "How many there are in all is a convenience: a page can be read without it, and other listings have none.",
    in: /^List\w+Response$/,
    optional: ["total_count"]
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
    why:
      "Recorded choices carry the upstream's own finish reason, and the error that cut them short; logprobs were seen " +
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
    in: answer("~1embeddings/post"),
    add: { provider: text }
  },

  {
    why: "The names of providers are written out a second time here, with retired ones; the list is open anyway.",
    in: `${component("MessagesStartEvent")}/properties/message`,
    replace: { provider: ref("ProviderName") }
  },
  {
    why: "They are written out a third time here, as in the message.",
    in: component("ProviderResponse"),
    replace: { provider_name: ref("ProviderName") }
  },

  // --- what the API takes and the document does not know ---
  {
    why: "Taken beside effort in recorded requests, and by the Responses API in the document itself.",
    in: `${component("ChatRequest")}/properties/reasoning`,
    add: {
      enabled: { type: ["boolean", "null"] },
      exclude: { type: ["boolean", "null"] },
      max_tokens: { type: ["integer", "null"] }
    }
  },
  {
    why: "Taken in recorded requests, or named in the guides and as parameters of models; old names are deprecated.",
    in: component("ChatRequest"),
    add: {
      preset: { type: "string" },
      include_reasoning: { type: "boolean", deprecated: true },
      transforms: { type: "array", items: { type: "string" }, deprecated: true },
      usage: { type: "object", properties: { include: { type: "boolean" } }, deprecated: true },
      verbosity: { type: ["string", "null"], enum: ["low", "medium", "high", "xhigh", "max", null] },
      web_search_options: { type: "object", properties: { search_context_size: ref("SearchQualityLevel") } }
    },
    replace: { tool_choice: { anyOf: [ref("ChatToolChoice"), { type: "null" }] } }
  },
  {
    why: "Recorded requests name the tool; OpenRouter passes it on.",
    in: component("ChatToolMessage"),
    add: { name: { type: "string" } }
  },
  {
    why: "Recorded answers number their calls, and requests that send these back are taken.",
    in: component("ChatToolCall"),
    add: { index: { type: ["integer", "null"] } }
  },
  {
    why: "Prices are taken as numbers too, in recorded requests.",
    in: `${component("ProviderPreferences")}/properties/max_price`,
    replace: Object.fromEntries(
      ["audio", "completion", "image", "prompt", "request"].map((unit) => [unit, { type: ["number", "string"] }])
    )
  },

  {
    why: "What a response put out is the input of the next one, without a change.",
    in: `${component("Inputs")}/anyOf/1/items`,
    members: ["OutputMessageItem", "OutputReasoningItem", "OutputShellCallItem", "OutputShellCallOutputItem"].map(ref)
  },
  {
    why: "What the model said is sent back as it came.",
    in: `${component("MessagesMessageParam")}/properties/content/anyOf/1/items`,
    members: [
      "AnthropicTextBlock",
      "AnthropicThinkingBlock",
      "AnthropicCompactionBlock",
      "AnthropicContainerUpload",
      "AnthropicWebSearchToolResult",
      "AnthropicWebFetchToolResult",
      "AnthropicCodeExecutionToolResult",
      "AnthropicBashCodeExecutionToolResult",
      "AnthropicTextEditorCodeExecutionToolResult",
      "AnthropicToolSearchToolResult"
    ].map(ref)
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
  ...["sequence_number", "item_id", "content_index", "summary_index", "annotation_index"].map((part) => ({
    why: "An event is found by its output index; other servers of this API send less of its address.",
    in: /Event$|^OpenAIResponses(CodeInterpreterCall|ImageGenCall|SearchCompleted|WebSearchCall)/,
    optional: [part]
  })),
  {
    why: "A call is named when its item is added; other servers of this API do not repeat it.",
    in: component("BaseFunctionCallArgsDoneEvent"),
    optional: ["name"]
  },
  {
    why: "What only repeats the request is not worth a failed answer.",
    in: component("BaseResponsesResult"),
    replace: {
      instructions: {},
      metadata: {},
      prompt: {},
      reasoning: {},
      text: {},
      tool_choice: {},
      tools: { type: "array", items: {} }
    }
  },
  {
    why: "An index is left out by upstreams that send one choice, or one call at a time.",
    in: /^Chat((Stream)?Choice|StreamToolCall)$/,
    optional: ["index"]
  },
  {
    why: "The role of an answer tells nothing that its place does not.",
    in: component("OutputMessage"),
    optional: ["id", "role", "status"]
  },
  {
    why: "Asked for or not, log probabilities are only sent by some upstreams.",
    in: /^BaseText(Delta|Done)Event$/,
    optional: ["logprobs"]
  },
  {
    why: "Seen with a message alone, and with the error nested as in every other answer.",
    in: component("BaseErrorEvent"),
    optional: ["message"],
    add: { error: ref("ChatError") }
  },
  {
    why: "Quoted streams have tool calls without a caller.",
    in: component("AnthropicToolUseBlock"),
    optional: ["caller"]
  },
  {
    why: "A thinking block starts before its signature, and only some upstreams sign.",
    in: component("AnthropicThinkingBlock"),
    optional: ["signature"]
  },
  {
    why: "Reranking can be asked not to return the documents.",
    in: `${answer("~1rerank/post")}/properties/results/items`,
    optional: ["document"]
  },
  ...only("Answers recorded at other times, and for other upstreams, lack the rest.", {
    ChatResult: ["id", "choices", "model"],
    ChatStreamChunk: ["choices"],
    ChatTokenLogprob: ["token"],
    ChatUsage: ["prompt_tokens", "completion_tokens"],
    OutputItemReasoning: ["type"],
    ReasoningDetailSummary: ["type"],
    ReasoningDetailEncrypted: ["type"],
    ReasoningDetailServerToolCall: ["type"],
    BaseResponsesResult: ["id", "model", "output"],
    URLCitation: ["type"],
    [`${component("GenerationResponse")}/properties/data`]: ["id", "created_at", "model", "total_cost", "usage"],
    Model: ["id", "name", "pricing", "architecture", "top_provider"],
    ModelArchitecture: [],
    TopProviderInfo: [],
    PublicEndpoint: ["name", "provider_name", "pricing", "context_length"],
    ListEndpointsResponse: ["id", "name", "endpoints"],
    [`${component("ListEndpointsResponse")}/properties/architecture/allOf/1`]: [],
    ImageModelListItem: ["id", "name", "supported_parameters"],
    VideoModel: ["id", "name"],
    VideoGenerationResponse: ["id", "status"],
    ImageGenerationResponse: ["data"],
    [`${answer("~1embeddings/post")}`]: ["data", "model"],
    [`${answer("~1embeddings/post")}/properties/data/items`]: ["embedding"],
    [`${answer("~1rerank/post")}`]: ["results"],
    [`${answer("~1key/get")}/properties/data`]: ["label", "usage"],
    [`${answer("~1key/get")}/properties/data/properties/rate_limit`]: []
  }),
  ...only(
    "What a call cost and how it was routed is reported differently for each upstream, and worth no failed answer.",
    {
      CostDetails: [],
      [`${component("Usage")}/anyOf/0/allOf/1/properties/cost_details`]: [],
      OpenAIResponsesUsage: ["input_tokens", "output_tokens"],
      [`${component("OpenAIResponsesUsage")}/properties/input_tokens_details`]: [],
      [`${component("OpenAIResponsesUsage")}/properties/output_tokens_details`]: [],
      AnthropicUsage: [],
      AnthropicServerToolUsage: [],
      AnthropicOutputTokensDetails: [],
      [`${component("MessagesDeltaEvent")}/properties/usage`]: [],
      MessagesDeltaEvent: ["type", "delta"],
      ImageGenerationUsage: [],
      OpenRouterMetadata: [],
      EndpointsMetadata: [],
      EndpointInfo: [],
      RouterAttempt: [],
      PipelineStage: []
    }
  )
]
