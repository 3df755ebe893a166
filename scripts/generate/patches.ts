/**
 * Patches for the places where OpenRouter's document differs from its real requests and responses, each with its
 * reason. A patch that changes nothing fails the generator, so that no patch stays longer than its reason.
 *
 * Beside the patches, two rules apply to all types that can be received (print.ts): an optional field may be null, and
 * a nullable field may be absent, because both were seen for the same field.
 */
import type { JsonObject } from "./json.js"

/** A status that operations respond with and the document does not list. */
export interface DocumentedStatus {
  readonly why: string
  readonly status: number
  readonly operations: ReadonlyArray<string>
}

/** A query parameter that operations accept and the document does not list. */
export interface AddedParameter {
  readonly why: string
  readonly name: string
  readonly schema: JsonObject
  readonly operations: ReadonlyArray<string>
}

export const statuses: ReadonlyArray<DocumentedStatus> = [
  {
    why: "An upstream that sends nothing ends in a gateway timeout; the official SDK has a class for it.",
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
    why: "Messages use the same router as chat, and fail with the same statuses.",
    status,
    operations: ["createMessages"]
  }))
]

export interface Patch {
  readonly why: string
  /** The JSON pointer of the schema, or a pattern for names of component schemas. */
  readonly in: string | RegExp
  /** Required properties that can be absent. */
  readonly optional?: ReadonlyArray<string>
  /** The properties that are always present: every other one becomes optional. */
  readonly only?: ReadonlyArray<string>
  /** Properties that the document does not have. All are optional. */
  readonly add?: JsonObject
  /** Properties with a wrong schema in the document. */
  readonly replace?: JsonObject
  /** Values that the document does not have, for a schema that lists its values. */
  readonly values?: ReadonlyArray<string>
  /** Members of a union that the document does not have. */
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

export const responseOf = (operation: string): string =>
  `#/paths/${operation}/responses/200/content/application~1json/schema`

export const text: JsonObject = { type: ["string", "null"] }

export const patches: ReadonlyArray<Patch> = [
  // --- the document contradicts its own examples ---
  {
    why: "The document's own examples of video models omit them.",
    in: component("VideoModel"),
    optional: ["creativity", "upscale_factor"]
  },
  {
    why: "A list that was requested without a page has neither, and the document's own examples have neither.",
    in: component("ModelsListResponse"),
    optional: ["total_count", "links"]
  },
  {
    why: "The property with the format of a file is absent, as in the document's own examples.",
    in: /^(OpenRouter|OpenAI|Anthropic)File(Deleted|List)?$/,
    optional: ["_shape"]
  },

  {
    why: "The total count is not needed to read a page, and other lists have none.",
    in: /^List\w+Response$/,
    optional: ["total_count"]
  },

  // --- fields that the API sends and the document does not have ---
  {
    why: "Every recorded response names its provider; responses of Perplexity also cite their sources.",
    in: component("ChatResult"),
    add: { provider: text, citations: { type: ["array", "null"], items: { type: "string" } } }
  },
  {
    why: "Every recorded chunk names its provider; the debug option adds a chunk with the request to the upstream.",
    in: component("ChatStreamChunk"),
    add: { provider: text, debug: { type: "object", additionalProperties: {} } },
    replace: { error: ref("ChatError") }
  },
  {
    why:
      "Recorded choices have the upstream's own finish reason, and the error that ended them; logprobs were once a " +
      "number.",
    in: /^Chat(Stream)?Choice$/,
    add: { native_finish_reason: text, error: ref("ChatError") },
    replace: { logprobs: { anyOf: [ref("ChatTokenLogprobs"), { type: "number" }, { type: "null" }] } }
  },
  {
    why:
      "Recorded messages cite pages and files; a client sends file annotations back so that no file is parsed again.",
    in: component("ChatAssistantMessage"),
    add: { annotations: { type: "array", items: ref("ChatAnnotation") } }
  },
  {
    why: "A recorded delta has annotations, and images in the same form as in a whole message.",
    in: component("ChatStreamDelta"),
    add: { annotations: { type: "array", items: ref("ChatAnnotation") }, images: ref("ChatAssistantImages") }
  },
  {
    why: "Every recorded response names its provider.",
    in: responseOf("~1embeddings/post"),
    add: { provider: text }
  },

  {
    why: "The document repeats the names of providers here, with retired ones; the list is open anyway.",
    in: `${component("MessagesStartEvent")}/properties/message`,
    replace: { provider: ref("ProviderName") }
  },
  {
    why: "The document repeats the names of providers here too, as in the message.",
    in: component("ProviderResponse"),
    replace: { provider_name: ref("ProviderName") }
  },

  {
    why: "The error of a job that failed is the object that the provider sent, where it sent one.",
    in: component("VideoGenerationResponse"),
    replace: { error: { anyOf: [{ type: "string" }, { type: "object", additionalProperties: true }] } }
  },

  // --- fields that the API accepts and the document does not have ---
  {
    why: "Recorded requests have them beside effort, and the document itself has them in the Responses API.",
    in: `${component("ChatRequest")}/properties/reasoning`,
    add: {
      enabled: { type: ["boolean", "null"] },
      exclude: { type: ["boolean", "null"] },
      max_tokens: { type: ["integer", "null"] }
    }
  },
  {
    why: "Recorded requests, the guides, or the parameters of models have them; old names are deprecated.",
    in: component("ChatRequest"),
    add: {
      audio: {
        type: "object",
        properties: {
          format: { type: "string", enum: ["wav", "mp3", "flac", "opus", "pcm16", "aac"] },
          voice: { type: "string" }
        }
      },
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
    why: "A prompt can be cached up to any part, whatever it holds.",
    in: /^ChatContent(Audio|File|Image|Video)$/,
    add: { cache_control: ref("ChatContentCacheControl") }
  },
  {
    why: "Requests leave it out, and the API then decides itself.",
    in: component("InputImage"),
    optional: ["detail"]
  },
  ...[3, 7, 8].map((member) => ({
    why: "A tool use, or its result, is sent back with the caller that it came with.",
    in: `${component("MessagesMessageParam")}/properties/content/anyOf/1/items/oneOf/${member}`,
    add: { caller: ref("ORAnthropicNullableCaller") }
  })),
  {
    why: "Recorded requests name the tool, and OpenRouter passes the name on.",
    in: component("ChatToolMessage"),
    add: { name: { type: "string" } }
  },
  {
    why: "Recorded responses number their tool calls, and the API accepts requests that send them back.",
    in: component("ChatToolCall"),
    add: { index: { type: ["integer", "null"] } }
  },
  {
    why: "Prices are numbers too in recorded requests.",
    in: `${component("ProviderPreferences")}/properties/max_price`,
    replace: Object.fromEntries(
      ["audio", "completion", "image", "prompt", "request"].map((unit) => [unit, { type: ["number", "string"] }])
    )
  },

  {
    why: "The output of a response is the input of the next request, unchanged.",
    in: `${component("Inputs")}/anyOf/1/items`,
    members: ["OutputMessageItem", "OutputReasoningItem", "OutputShellCallItem", "OutputShellCallOutputItem"].map(ref)
  },
  {
    why: "The response of a model is sent back unchanged.",
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
    why: "Recorded fragments have null for a value that an earlier fragment had.",
    in: `${component("ChatStreamToolCall")}/properties/function`,
    replace: { arguments: text, name: text }
  },
  ...["sequence_number", "item_id", "content_index", "summary_index", "annotation_index"].map((
    part
  ) => ({
    why: "An event is matched by its output index; other servers of this API omit some of the other indexes and ids.",
    in: /Event$|^OpenAIResponses(CodeInterpreterCall|ImageGenCall|SearchCompleted|WebSearchCall)/,
    optional: [part]
  })),
  {
    why: "A tool call gets its name when its item is added; other servers of this API do not repeat it.",
    in: component("BaseFunctionCallArgsDoneEvent"),
    optional: ["name"]
  },
  {
    why: "These fields only repeat the request, so they must not make a response invalid.",
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
    why: "Upstreams that send one choice, or one tool call at a time, omit the index.",
    in: /^Chat((Stream)?Choice|StreamToolCall)$/,
    optional: ["index"]
  },
  {
    why: "The place of the message in a response already implies them.",
    in: component("OutputMessage"),
    optional: ["id", "role", "status"]
  },
  {
    why: "Only some upstreams send log probabilities, even when they were requested.",
    in: /^BaseText(Delta|Done)Event$/,
    optional: ["logprobs"]
  },
  {
    why: "Seen with only a message, and with the error nested as in every other response.",
    in: component("BaseErrorEvent"),
    optional: ["message"],
    add: { error: ref("ChatError") }
  },
  {
    why: "Published examples of streams have tool calls without a caller.",
    in: /^Anthropic(ToolUseBlock|Web(Fetch|Search)ToolResult)$/,
    optional: ["caller"]
  },
  {
    why: "A thinking block starts before its signature, and only some upstreams send one.",
    in: component("AnthropicThinkingBlock"),
    optional: ["signature"]
  },
  {
    why: "A request can exclude the documents from the response.",
    in: `${responseOf("~1rerank/post")}/properties/results/items`,
    optional: ["document"]
  },
  ...only("Responses recorded at other times, and of other upstreams, do not have the other fields.", {
    ChatResult: ["choices"],
    ChatStreamChunk: ["choices"],
    ChatTokenLogprob: ["token"],
    CompletionResponse: ["choices"],
    BaseMessagesResult: ["content", "role", "type", "usage"],
    [`${component("MessagesStartEvent")}/properties/message`]: ["content", "role", "type", "usage"],
    OutputItemReasoning: ["type"],
    ReasoningDetailSummary: ["type"],
    ReasoningDetailEncrypted: ["type"],
    ReasoningDetailServerToolCall: ["type"],
    BaseResponsesResult: ["output"],
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
    [`${responseOf("~1embeddings/post")}`]: ["data"],
    [`${responseOf("~1embeddings/post")}/properties/data/items`]: ["embedding"],
    [`${responseOf("~1rerank/post")}`]: ["results"],
    [`${responseOf("~1key/get")}/properties/data`]: ["label", "usage"],
    [`${responseOf("~1key/get")}/properties/data/properties/rate_limit`]: []
  }),
  ...only(
    "Upstreams report cost and routing differently, and a difference must not make a response invalid.",
    {
      CostDetails: [],
      [`${component("Usage")}/anyOf/0/allOf/1/properties/cost_details`]: [],
      ChatUsage: [],
      OpenAIResponsesUsage: [],
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
