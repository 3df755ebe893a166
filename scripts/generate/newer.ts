/**
 * Fields, values and statuses that the official SDK (1.3.19) sends or reads, and the document does not list. When a
 * newer document lists one, the generator rejects the entry here; remove it then.
 */
import type { JsonObject } from "./json.js"
import { type AddedParameter, component, type DocumentedStatus, type Patch, ref, responseOf, text } from "./patches.js"

const why = "The official SDK sends or reads it."

const inferenceMedia = ["createAudioSpeech", "createAudioTranscriptions", "createRerank", "createVideos"]

export const statuses: ReadonlyArray<DocumentedStatus> = [
  {
    why,
    status: 403,
    operations: [
      ...inferenceMedia,
      "bulkAssignKeysToGuardrail",
      "createEmbeddings",
      "getVideos",
      "listVideosContent",
      "updateBYOKKey",
      "updateGuardrail"
    ]
  },
  { why, status: 409, operations: ["listVideosContent", "updateGuardrail"] },
  { why, status: 410, operations: ["listVideosContent"] },
  { why, status: 413, operations: inferenceMedia }
]

export const parameters: ReadonlyArray<AddedParameter> = [
  {
    why,
    name: "confirm_default_workspace_deletion",
    schema: { type: "boolean" },
    operations: ["deleteWorkspace"]
  },
  { why, name: "output_modalities", schema: { type: "string" }, operations: ["listModelsUser"] }
]

const flag: JsonObject = { type: "boolean" }
const word: JsonObject = { type: "string" }
const number: JsonObject = { type: "number" }
const list = (items: JsonObject): JsonObject => ({ type: "array", items })
const nullable = (schema: JsonObject): JsonObject => ({ anyOf: [schema, { type: "null" }] })
const choice = (...values: ReadonlyArray<string>): JsonObject => ({ type: "string", enum: values })

const inline = (fields: JsonObject, ...places: ReadonlyArray<string>): ReadonlyArray<Patch> =>
  places.map((place) => ({ why, in: place, add: fields }))

const add = (fields: JsonObject, ...schemas: ReadonlyArray<string>): ReadonlyArray<Patch> =>
  inline(fields, ...schemas.map(component))

const values = (place: string, ...added: ReadonlyArray<string>): Patch => ({ why, in: component(place), values: added })

const member = (name: string, ...places: ReadonlyArray<string>): ReadonlyArray<Patch> =>
  places.map((place) => ({ why, in: component(place), members: [ref(name)] }))

const requestBody = (operation: string): string => `#/paths/${operation}/requestBody/content/application~1json/schema`

const containerOutput: JsonObject = {
  container_id: word,
  error: word,
  files: list(ref("ContainerFileCitation"))
}

const { error: _, ...containerFiles } = containerOutput

const attribution: JsonObject = { session_id: word, trace: ref("TraceConfig"), user: word }

const byok: JsonObject = { declared_zdr: { type: ["boolean", "null"] }, is_byok_only: flag, is_required: flag }

const serverTools = choice(
  "openrouter:advisor",
  "openrouter:apply_patch",
  "openrouter:bash",
  "openrouter:datetime",
  "openrouter:experimental__search_models",
  "openrouter:fusion",
  "openrouter:image_generation",
  "openrouter:shell",
  "openrouter:subagent",
  "openrouter:tool_search",
  "openrouter:web_fetch",
  "openrouter:web_search"
)

const providers = ["AssemblyAI", "Cosine", "Near AI", "Ollama", "PrimeIntellect", "TypeSafe", "Unbiased"]

const slugs = [
  "amazon-bedrock/claude-on-aws",
  "anthropic/2",
  "assemblyai",
  "claude-on-aws",
  "cosine",
  "near-ai",
  "ollama",
  "primeintellect",
  "typesafe",
  "unbiased",
  "voyageai"
]

const options: JsonObject = { type: "object", additionalProperties: {} }

export const patches: ReadonlyArray<Patch> = [
  // --- chat, responses, messages ---
  ...add({ configuration_update: nullable(ref("ConfigurationUpdate")) }, "ChatSystemMessage", "ChatDeveloperMessage"),
  ...add(
    { processing: choice("agentic", "static") },
    "ChatContentVideoInput",
    "Legacy_ChatContentVideoInput",
    "InputVideo"
  ),
  ...add({ file_id: text }, "InputImage"),
  ...add(
    { async: flag },
    "FunctionTool",
    "CustomTool",
    "NamespaceFunctionTool",
    "OpenAIResponseFunctionToolCall",
    "OpenAIResponseCustomToolCall",
    "OutputItemCustomToolCall",
    "OutputFunctionCallItem/allOf/1"
  ),
  ...add({ async: flag, status: ref("ToolCallStatus") }, "OutputCustomToolCallItem"),
  ...add(
    containerOutput,
    "OutputBashServerToolItem",
    "OutputShellServerToolItem",
    "OutputShellCallOutputItem",
    "ShellCallOutputItem"
  ),
  ...add(containerFiles, "MessagesBashToolResultBlock", "MessagesShellToolResultBlock"),
  ...add({
    clear_at: nullable(choice("next_user_message")),
    output_config: nullable(ref("AnthropicMessageOutputConfig"))
  }, "MessagesMessageParam"),
  ...add(
    { block_binding: nullable(ref("AnthropicThinkingBlockBinding")) },
    "MessagesRequest/properties/thinking/oneOf/0",
    "MessagesRequest/properties/thinking/oneOf/2"
  ),
  ...add({ safeguards: nullable(list(ref("AnthropicSafeguard"))) }, "MessagesRequest"),
  { why, in: component("McpCallItem"), replace: { error: nullable(ref("McpToolCallError")) } },
  ...member("ConfigurationUpdateItem", "Inputs/anyOf/1/items"),
  ...member(
    "SwitchyardRouterPlugin",
    "ChatRequest/properties/plugins/items",
    "ResponsesRequest/properties/plugins/items",
    "MessagesRequest/properties/plugins/items"
  ),
  values("AnthropicThinkingDisplay", "updates"),
  values("ResponsesErrorField/properties/code", "cyber_policy", "misalignment_policy_violation"),

  // --- tools that OpenRouter runs ---
  ...add(
    { file_ids: list(word), network_policy: ref("ContainerNetworkPolicy") },
    "ContainerAutoEnvironment",
    "ContainerReferenceEnvironment"
  ),
  ...add(
    { x_search: ref("XSearchOptions") },
    "ChatWebSearchShorthand",
    "WebSearchConfig",
    "WebSearchPlugin",
    "WebSearchServerTool",
    "WebSearchServerToolConfig"
  ),

  // --- embeddings, reranking, images, audio, video ---
  ...inline(attribution, requestBody("~1rerank/post")),
  ...inline({ session_id: word, trace: ref("TraceConfig") }, requestBody("~1embeddings/post")),
  ...add(attribution, "ImageGenerationRequest", "SpeechRequest", "STTRequest", "VideoGenerationRequest"),
  ...add({ previous_job_id: word }, "VideoGenerationRequest"),
  ...add({ confidence: number }, "STTResponse", "STTWord"),
  values("ImageGenerationRequest/properties/aspect_ratio", "2.35:1", "5:2"),
  values("VideoGenerationRequest/properties/resolution", "360p"),
  values("ImagePricingEntry/properties/unit", "request"),

  // --- models, providers, cost ---
  ...add({
    supports_tool_choice: ref("ToolChoiceSupport"),
    perf_last_30m_by_workload: { type: "object", additionalProperties: ref("WorkloadPerformance") }
  }, "PublicEndpoint"),
  ...add({
    utc_days: list(choice("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
  }, "PricingOverride"),
  ...add({ server_tool_cost: { type: ["number", "null"] } }, "CostDetails"),
  ...add({ generation_time: { type: "integer" } }, "OpenRouterMetadata"),
  ...add(
    Object.fromEntries(
      ["assemblyai", "cosine", "near-ai", "ollama", "primeintellect", "typesafe", "unbiased"].map((slug) =>
        [slug, options] as const
      )
    ),
    "ProviderOptions"
  ),
  values("ProviderName", ...providers),
  values("BYOKProviderSlug", ...slugs),
  { why, in: "#/paths/~1byok/get/parameters/3/schema", values: slugs },
  values("ImageOutputModality", "decisions"),
  values("OutputModality", "decisions"),
  values("GenerationResponse/properties/data/properties/api_type", "decisions"),

  // --- account ---
  ...inline({ external: ref("ExternalIdentity") }, requestBody("~1keys/post")),
  ...inline(
    { external_user: text },
    `${responseOf("~1keys/get")}/properties/data/items`,
    `${responseOf("~1keys/post").replace("/200/", "/201/")}/properties/data`,
    `${responseOf("~1keys~1{hash}/get")}/properties/data`,
    `${responseOf("~1keys~1{hash}/patch")}/properties/data`
  ),
  ...inline({
    allowed_data_regions: list(ref("DataRegion")),
    free_model_daily_requests: ref("FreeModelDailyRequests"),
    organization_id: text,
    workspace_id: text
  }, `${responseOf("~1key/get")}/properties/data`),
  ...add(byok, "BYOKKey", "CreateBYOKKeyRequest", "UpdateBYOKKeyRequest"),
  ...add(
    { allowed_data_regions: nullable(list(ref("DataRegion"))) },
    "Guardrail",
    "CreateGuardrailRequest",
    "UpdateGuardrailRequest"
  ),
  ...add(
    { disabled_server_tools: nullable(list(serverTools)) },
    "Workspace",
    "CreateWorkspaceRequest",
    "UpdateWorkspaceRequest"
  ),
  values("ContentFilterBuiltinSlug", "secrets"),
  {
    why,
    in: /^(Observability(?!Destination)\w+Destination|(Create|Update)ObservabilityDestinationRequest)$/,
    add: { regions: list(ref("DataRegion")) }
  }
]
