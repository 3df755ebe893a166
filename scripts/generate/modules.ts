/**
 * Assigns each schema to a module. Most schemas go to the module of the resource that uses them. This table lists the
 * families of schemas that several resources share, and divides resources that are too large for one module. A family
 * is listed after the families that it may import; a schema that it needs from a later family moves into it. Schemas
 * that are only sent are in the `Request` module of the family.
 */
import { refuse } from "./json.js"
import { type Definition, type Definitions, references } from "./model.js"

export interface Family {
  readonly name: string
  /** Names of schemas, or patterns of names. */
  readonly owns: ReadonlyArray<string | RegExp>
}

export const families: ReadonlyArray<Family> = [
  {
    name: "Common",
    owns: [
      /^(ProviderName|Quantization|ReasoningFormat|ReasoningEffort(Level)?|RequestedServiceTier|ContentPart(Image|Audio|Video)|ImageConfig)$/,
      /^PromptCache/,
      /^AnthropicCacheControl/,
      /^WebSearch(EngineEnum|Mode|UserLocation)$/
    ]
  },
  {
    name: "RouterMetadata",
    owns: [
      /^(ApiErrorType|Endpoint(Info|sMetadata)|OpenRouterMetadata|Router|RoutingStrategy|PipelineStage|MetadataLevel)/
    ]
  },
  { name: "Usage", owns: [/^(CostDetails|ServerToolUseDetails|AnthropicSpeed)$/, /(UsageIteration|CacheCreation)$/] },
  { name: "Routing", owns: [/^(Provider|Preferred|Percentile|DeprecatedRoute|TraceConfig|ChatDebugOptions)/] },
  { name: "Decisions", owns: [/^Decisions/] },
  { name: "Plugins", owns: [/Plugin/, /^(PDFParser|ContextCompressionEngine|SearchQualityLevel|WebSearchEngine$)/] },
  {
    name: "ServerTools",
    owns: [/ServerTool/, /^(Advisor|Subagent|Sandbox|Container|Bash|Shell|WebFetchEngine|WebSearchConfig)/]
  },
  {
    name: "Models",
    owns: [
      /^(AA|DA)BenchmarkEntry$/,
      /^(DefaultParameters|InputModality|OutputModality|InstructType|Parameter|PerRequestLimits)$/,
      /^(Model|Pric|Public|TopProvider)/
    ]
  },
  { name: "ChatContent", owns: [/^(Legacy_)?ChatContent/, /ReasoningDetail/, /^Chat(Assistant|ToolCall|AudioOutput)/] },
  { name: "Chat", owns: [/^Chat(JsonSchemaConfig$|Usage)/] },
  { name: "Files", owns: [/^(Anthropic|OpenAI|OpenRouter)?File(Response)?$/] },
  {
    name: "ResponsesContent",
    owns: [
      /^Input(Text|Image|File|Audio|Video)$/,
      /^(ResponseOutputText|FileCitation|FilePath|URLCitation|OpenAIResponsesAnnotation|OpenAIResponsesRefusalContent)$/,
      /^Reasoning(TextContent|SummaryText)$/,
      /LogProbs$|Logprob/
    ]
  },
  {
    name: "ResponsesSearchTools",
    owns: [
      /^(CompoundFilter|FileSearch(?!Call)|Legacy_WebSearch|Preview_|SearchContextSize|SearchModels|WebSearch(ServerTool|Domain))/
    ]
  },
  {
    name: "ResponsesTools",
    owns: [
      /^(?!Output).*ServerTool/,
      /^(FunctionTool|CustomTool(?!Call)|NamespaceTool|CompoundFilter|SearchContextSize|WebSearchDomain|ResponsesTool|ResponsesFunctionTool)/,
      /^(CodexLocalShellTool|Preview_|Legacy_|NamespaceFunctionTool|ApplyPatchEngineEnum|FileSearch(Filter|Comparison))/
    ]
  },
  { name: "ResponsesShellItems", owns: [/^(Output|Local)?Shell(Call)?(?!.*(Event|ServerTool))/, "ToolCallStatus"] },
  {
    name: "ResponsesToolItems",
    owns: [
      /^(OutputItem)?(ApplyPatch|CodeInterpreter|FileSearch|ImageGeneration|LocalShell|Shell|WebSearch)(?!.*Event$)/,
      /^(Output(ApplyPatchCall|CodeInterpreterCall|Computer|FileSearchCall|ImageGenerationCall|ShellCall|WebSearchCall))/,
      /^(FailableToolCallStatus|ToolCallStatus|Mcp)/
    ]
  },
  { name: "ResponsesServerToolItems", owns: [/^Output.*(ServerToolItem|DatetimeItem)/, /^Fusion(Analysis|Source)/] },
  {
    name: "ResponsesItems",
    owns: [/Items?$/, /^Output/, /^OpenAIResponse(Function|Custom|Input)/, /^(Inputs|EasyInput)/]
  },
  { name: "Responses", owns: [] },
  {
    name: "ResponsesTextEvents",
    owns: [/^(Base)?(Text|Refusal|Reasoning(Summary(Text|Part))?|ContentPart|Annotation).*Event/]
  },
  { name: "ResponsesFusionEvents", owns: [/^FusionCall.*Event/] },
  {
    name: "ResponsesToolEvents",
    owns: [
      /^(Base)?(FunctionCall|CustomToolCall|CodeInterpreterCall|ImageGenCall|WebSearchCall|ApplyPatchCall).*Event/,
      /^OpenAIResponses(CodeInterpreterCall|ImageGenCall|WebSearchCall|SearchCompleted)/
    ]
  },
  {
    name: "ResponsesEvents",
    owns: [/^(OpenResponses|Error|Debug|BaseError).*Event/, /^StreamEvents/, "ResponsesStreamingResponse"]
  },
  { name: "ResponsesBase", owns: [/^Base/, /^OutputItem/, /Event$/] },
  {
    name: "MessagesBlocks",
    owns: [
      /^Anthropic.*(Block|Source|Location|Citation|Mime).*/,
      /^Anthropic(TextBlock|Citation|Document|Image|Search).*Param/
    ]
  },
  { name: "MessagesCodeResults", owns: [/^Anthropic.*(CodeExecution)/] },
  {
    name: "MessagesToolResults",
    owns: [/^(OR)?Anthropic.*(ToolResult|CodeExecution|WebFetch|WebSearch|ToolSearch(Content|Result)|ToolReference)/]
  },
  {
    name: "MessagesContent",
    owns: [
      /^(OR)?Anthropic(?!MessagesError|InputTokens|ToolUses|ThinkingTurns|Safeguard)/,
      /^Messages(MessageParam|ContentBlockParam|WebSearchToolResultError)/,
      /^Messages.*Block$/
    ]
  },
  {
    name: "MessagesTools",
    owns: [
      /^MessagesTool(Custom|Bash|TextEditor|WebSearch|Advisor|Choice|$)/,
      /^AnthropicToolSearchTool(Bm25|Regex)$/,
      /^(MessagesSearchModels|AnthropicAllowedCallers)/
    ]
  },
  { name: "Messages", owns: [] },
  { name: "MessagesEvents", owns: [/Event/, "MessagesStreamingResponse"] },
  {
    name: "ObservabilityTracing",
    owns: [/^Observability(Arize|Braintrust|Langfuse|Langsmith|Opik|Weave|OtelCollector|Filter|Ramp)/]
  },
  { name: "ObservabilityBackends", owns: [/^Observability[A-Z][a-z0-9]+Destination/] }
]

/** The resources that send a definition, and those that receive it. */
export interface Use {
  readonly sent: ReadonlySet<string>
  readonly received: ReadonlySet<string>
}

export const isRequestOnly = (use: Use): boolean => use.sent.size > 0 && use.received.size === 0

const familyFor = (name: string, resource: string | undefined): string | undefined =>
  families.find((family) =>
    (resource === undefined || family.name.startsWith(resource)) &&
    family.owns.some((pattern) => typeof pattern === "string" ? pattern === name : pattern.test(name))
  )?.name

/** The module of every definition. */
export const assign = (definitions: Definitions, uses: ReadonlyMap<string, Use>): ReadonlyMap<string, string> => {
  const result = new Map<string, string>()

  const familyOf = (definition: Definition): string => {
    const use = uses.get(definition.name)
    if (use === undefined) {
      return familyFor(definition.name, undefined) ?? "Errors"
    }
    const all = [...new Set([...use.sent, ...use.received])]
    const resources = all.length > 1 ? all.filter((resource) => resource !== "Presets") : all
    const resource = resources.length === 1 ? resources[0] : undefined
    const family = familyFor(definition.name, resource)
    if (family === undefined && definition.origin.kind === "inline") {
      return familyOf(definitions.get(definition.origin.parent) ?? refuse(definition.pointer, "has no parent"))
    }
    return family ?? resource ?? "Common"
  }

  for (const definition of definitions.values()) {
    const use = uses.get(definition.name)
    const suffix = use !== undefined && isRequestOnly(use) ? "Request" : ""
    result.set(definition.name, familyOf(definition) + suffix)
  }
  settle(definitions, result)
  return result
}

/** Errors may import requests, and requests may import responses; within these, families and then names decide. */
const rank = (module: string): readonly [layer: number, family: number, name: string] => {
  const isRequest = module.endsWith("Request")
  const family = isRequest ? module.slice(0, -"Request".length) : module
  const index = families.findIndex(({ name }) => name === family)
  return [module === "Errors" ? 2 : isRequest ? 1 : 0, index < 0 ? families.length : index, family]
}

const isAfter = (module: string, other: string): boolean => {
  const [layer, family, name] = rank(module)
  const [otherLayer, otherFamily, otherName] = rank(other)
  return layer !== otherLayer ? layer > otherLayer : family !== otherFamily ? family > otherFamily : name > otherName
}

/** Moves definitions to the first module, by rank, that needs them, until no module imports a later one. */
const settle = (definitions: Definitions, modules: Map<string, string>): void => {
  const moduleOf = (name: string): string => modules.get(name) ?? refuse(name, "belongs to no module")
  let moved = true
  while (moved) {
    moved = false
    for (const definition of definitions.values()) {
      const home = moduleOf(definition.name)
      for (const name of references(definition.type)) {
        const other = moduleOf(name)
        if (isAfter(other, home)) {
          modules.set(name, home)
          moved = true
        }
      }
    }
  }
}
