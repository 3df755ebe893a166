/**
 * Facts about operations that the document does not contain: the public name of each, whether it needs a key, how its
 * stream is read, and one sentence of documentation, in our own words.
 */

/** How a stream of server-sent events is read: the module of its protocol, and the schema of one event. */
export interface Stream {
  readonly protocol: "chat" | "completions" | "responses" | "messages" | "images" | "interns"
  readonly event: string
  /** What the events add up to, if the operation has no whole response: a type of the protocol's module. */
  readonly result?: string
  /** The sentence of the second row, when the operation also has a response that is not streamed. */
  readonly doc?: string
}

export interface Operation {
  /** `resource.method`, after the official SDK; the resource is also the module. */
  readonly name: string
  readonly doc: string
  /** Whether a call needs a key, where the document says that it does and it does not. `none`: a key is never sent. */
  readonly auth?: "optional" | "none"
  /** Value of `gen_ai.operation.name`, for operations that run a model. */
  readonly operation?: "chat" | "embeddings" | "text_completion" | "generate_content"
  /** Whether a call costs money, for operations without `operation`. */
  readonly paid?: boolean
  /** Whether a call changes nothing and costs nothing. By default, that is what a GET does that is not `paid`. */
  readonly reads?: boolean
  /** Whether a retry is harmless, when that differs from the rule of `Row.repeatable`. */
  readonly repeatable?: boolean
  readonly stream?: Stream
  /** The second row of an operation that takes JSON or a form. */
  readonly multipart?: { readonly name: string; readonly doc: string }
  /** Query parameters that only apply to a response format that the library does not use. */
  readonly omit?: ReadonlyArray<string>
  /** The media type of a response whose bytes are returned. */
  readonly binary?: string
  /** Media types of the response that the library does not ask for. */
  readonly otherMedia?: ReadonlyArray<string>
  /** Names of the inline bodies, where those after the operation id would mislead or collide. */
  readonly request?: string
  readonly response?: string
}

export const operations: Readonly<Record<string, Operation>> = {
  // --- inference ---
  sendChatCompletionRequest: {
    name: "chat.send",
    doc: "Sends a conversation to a model and returns the whole response.",
    operation: "chat",
    stream: {
      protocol: "chat",
      event: "ChatStreamChunk",
      doc: "Sends a conversation to a model and streams the response."
    }
  },
  createResponses: {
    name: "responses.send",
    doc: "Sends a request to the Responses API and returns the whole response.",
    operation: "chat",
    stream: {
      protocol: "responses",
      event: "StreamEvents",
      doc: "Sends a request to the Responses API and streams the events of the response."
    }
  },
  createMessages: {
    name: "messages.send",
    doc: "Sends a conversation in Anthropic's message format and returns the whole message.",
    operation: "chat",
    stream: {
      protocol: "messages",
      event: "MessagesStreamEvents",
      doc: "Sends a conversation in Anthropic's message format and streams the events of the message."
    }
  },
  createEmbeddings: {
    name: "embeddings.generate",
    doc: "Turns texts, images or other inputs into vectors.",
    operation: "embeddings"
  },
  createRerank: {
    name: "rerank.rerank",
    doc: "Orders documents by their relevance to a query.",
    paid: true
  },
  createImages: {
    name: "images.generate",
    doc: "Generates images from a prompt and optional reference images.",
    operation: "generate_content",
    stream: {
      protocol: "images",
      event: "ImageStreamEvent",
      doc: "Generates images from a prompt and streams previews until each image is complete."
    }
  },
  createAudioSpeech: {
    name: "tts.createSpeech",
    doc: "Converts a text to speech and streams the bytes of the audio.",
    operation: "generate_content",
    binary: "audio/*"
  },
  createAudioTranscriptions: {
    name: "stt.createTranscription",
    doc: "Transcribes a recording that is sent as base64.",
    operation: "generate_content",
    multipart: {
      name: "stt.createTranscriptionMultipart",
      doc: "Transcribes a recording that is uploaded as a file."
    },
    request: "STTMultipartRequest"
  },
  createVideos: {
    name: "videos.generate",
    doc: "Starts a video generation job. Read its state with `videos.getGeneration`.",
    operation: "generate_content",
    repeatable: false
  },
  getVideos: { name: "videos.getGeneration", doc: "Reads the state of a video generation job." },
  listVideosContent: {
    name: "videos.getContent",
    doc: "Downloads a finished video as a stream of bytes.",
    binary: "video/mp4"
  },

  // --- catalogue ---
  getModels: {
    name: "models.list",
    doc: "Lists the models of OpenRouter, with filters and a sort order.",
    auth: "optional",
    omit: ["use_rss", "use_rss_chat_links"],
    otherMedia: ["application/rss+xml"]
  },
  listModelsCount: { name: "models.count", doc: "Counts the models of OpenRouter.", auth: "optional" },
  listModelsUser: {
    name: "models.listForUser",
    doc: "Lists the models that the provider and privacy settings of the account allow."
  },
  getModel: { name: "models.get", doc: "Reads one model by author and slug.", auth: "optional" },
  listEndpoints: {
    name: "endpoints.list",
    doc: "Lists the provider endpoints that serve one model.",
    auth: "optional",
    response: "ModelEndpointsResponse"
  },
  listEndpointsZdr: {
    name: "endpoints.listZdrEndpoints",
    doc: "Lists the provider endpoints that retain no data.",
    auth: "optional"
  },
  listEmbeddingsModels: {
    name: "embeddings.listModels",
    doc: "Lists the embedding models.",
    auth: "optional"
  },
  listImageModels: {
    name: "images.listModels",
    doc: "Lists the image models and the parameters that each supports.",
    auth: "optional"
  },
  listImageModelEndpoints: {
    name: "images.listModelEndpoints",
    doc: "Lists the provider endpoints of an image model with their prices.",
    auth: "optional"
  },
  listVideosModels: {
    name: "videos.listModels",
    doc: "Lists the video models and the parameters that each supports.",
    auth: "optional"
  },
  listProviders: {
    name: "providers.list",
    doc: "Lists the providers of OpenRouter and the addresses of their policies.",
    auth: "optional"
  },
  getBenchmarks: { name: "benchmarks.getBenchmarks", doc: "Reads benchmark results of models from several sources." },
  getTaskClassifications: {
    name: "classifications.getTaskClassifications",
    doc: "Reads for which kinds of task models are used."
  },
  getAppRankings: { name: "datasets.getAppRankings", doc: "Ranks the applications that use OpenRouter." },
  getRankingsDaily: { name: "datasets.getRankingsDaily", doc: "Reads how many tokens each model served, day by day." },
  getSessionCost: {
    name: "datasets.getSessionCost",
    doc: "Compares the cost of a session across models and session lengths."
  },

  // --- account ---
  getUserActivity: {
    name: "analytics.getUserActivity",
    doc: "Reads the account's usage of the last 30 days, grouped by day and endpoint."
  },
  getAnalyticsMeta: {
    name: "analytics.getAnalyticsMeta",
    doc: "Lists the metrics, dimensions and operators that `analytics.queryAnalytics` understands."
  },
  queryAnalytics: {
    name: "analytics.queryAnalytics",
    doc: "Runs a query over the account's usage.",
    reads: true,
    repeatable: true
  },
  getCredits: { name: "credits.getCredits", doc: "Reads how many credits the account bought and used, in USD." },
  createCoinbaseCharge: {
    name: "credits.createCoinbaseCharge",
    doc: "Retired: a payment with Coinbase. OpenRouter responds with status 410."
  },
  getCurrentKey: {
    name: "apiKeys.getCurrentKeyMetadata",
    doc: "Reads the limits and the usage of the API key of the request."
  },
  list: {
    name: "apiKeys.list",
    doc: "Lists the API keys of the account.",
    response: "ListKeysResponse"
  },
  createKeys: { name: "apiKeys.create", doc: "Creates an API key. Only this response contains its secret." },
  getKey: { name: "apiKeys.get", doc: "Reads one API key by its hash." },
  updateKeys: { name: "apiKeys.update", doc: "Renames, limits, disables or enables an API key." },
  deleteKeys: { name: "apiKeys.delete", doc: "Deletes an API key." },
  exchangeAuthCodeForAPIKey: {
    name: "oAuth.exchangeAuthCodeForAPIKey",
    doc: "Exchanges the code of a finished OAuth sign-in for an API key.",
    auth: "none"
  },
  createAuthKeysCode: {
    name: "oAuth.createAuthCode",
    doc: "Creates a code that an application can exchange for an API key."
  },
  getGeneration: {
    name: "generations.getGeneration",
    doc: "Reads tokens, cost and timing of one generation; the record exists a few seconds after the generation."
  },
  listGenerationContent: {
    name: "generations.listGenerationContent",
    doc: "Reads the stored prompt and completion of one generation."
  },
  submitGenerationFeedback: {
    name: "generations.submitFeedback",
    doc: "Sends feedback about one generation."
  },

  // --- files ---
  listFiles: { name: "files.list", doc: "Lists uploaded files, page by page." },
  uploadFile: { name: "files.upload", doc: "Uploads a file." },
  getFileMetadata: { name: "files.retrieve", doc: "Reads the name, the size and the type of an uploaded file." },
  deleteFile: { name: "files.delete", doc: "Deletes an uploaded file." },
  downloadFileContent: {
    name: "files.download",
    doc: "Downloads an uploaded file as a stream of bytes.",
    binary: "application/octet-stream"
  },

  // --- presets ---
  listPresets: { name: "presets.list", doc: "Lists the presets of the workspace." },
  getPreset: { name: "presets.get", doc: "Reads one preset and its current version." },
  listPresetVersions: { name: "presets.listVersions", doc: "Lists the versions of a preset." },
  getPresetVersion: { name: "presets.getVersion", doc: "Reads one version of a preset." },
  createPresetsChatCompletions: {
    name: "presets.createPresetsChatCompletions",
    doc: "Saves a chat request as a preset, or as its next version."
  },
  createPresetsMessages: {
    name: "presets.createPresetsMessages",
    doc: "Saves an Anthropic messages request as a preset, or as its next version."
  },
  createPresetsResponses: {
    name: "presets.createPresetsResponses",
    doc: "Saves a Responses request as a preset, or as its next version."
  },

  // --- provider keys ---
  listBYOKKeys: { name: "byok.list", doc: "Lists the provider keys of the workspace." },
  createBYOKKey: {
    name: "byok.create",
    doc: "Stores the key of a provider account, which OpenRouter then uses in place of its own."
  },
  getBYOKKey: { name: "byok.get", doc: "Reads one stored provider key, without its secret." },
  updateBYOKKey: { name: "byok.update", doc: "Changes a stored provider key." },
  deleteBYOKKey: { name: "byok.delete", doc: "Deletes a stored provider key." },

  // --- guardrails ---
  listGuardrails: { name: "guardrails.list", doc: "Lists the guardrails of the account." },
  createGuardrail: {
    name: "guardrails.create",
    doc: "Creates a guardrail: limits on spending, models, providers and content."
  },
  getGuardrail: { name: "guardrails.get", doc: "Reads one guardrail." },
  updateGuardrail: { name: "guardrails.update", doc: "Changes a guardrail." },
  deleteGuardrail: { name: "guardrails.delete", doc: "Deletes a guardrail." },
  listKeyAssignments: { name: "guardrails.listKeyAssignments", doc: "Lists the assignments of keys to guardrails." },
  listMemberAssignments: {
    name: "guardrails.listMemberAssignments",
    doc: "Lists the assignments of members to guardrails."
  },
  listGuardrailKeyAssignments: {
    name: "guardrails.listGuardrailKeyAssignments",
    doc: "Lists the keys that are assigned to one guardrail."
  },
  listGuardrailMemberAssignments: {
    name: "guardrails.listGuardrailMemberAssignments",
    doc: "Lists the members who are assigned to one guardrail."
  },
  bulkAssignKeysToGuardrail: { name: "guardrails.bulkAssignKeys", doc: "Assigns keys to a guardrail." },
  bulkUnassignKeysFromGuardrail: {
    name: "guardrails.bulkUnassignKeys",
    doc: "Removes the assignment of keys to a guardrail."
  },
  bulkAssignMembersToGuardrail: { name: "guardrails.bulkAssignMembers", doc: "Assigns members to a guardrail." },
  bulkUnassignMembersFromGuardrail: {
    name: "guardrails.bulkUnassignMembers",
    doc: "Removes the assignment of members to a guardrail."
  },

  // --- observability ---
  listObservabilityDestinations: {
    name: "observability.list",
    doc: "Lists the destinations for traces of the workspace."
  },
  createObservabilityDestination: { name: "observability.create", doc: "Adds a destination for traces." },
  getObservabilityDestination: { name: "observability.get", doc: "Reads one destination for traces." },
  updateObservabilityDestination: { name: "observability.update", doc: "Changes a destination for traces." },
  deleteObservabilityDestination: { name: "observability.delete", doc: "Removes a destination for traces." },

  // --- organization ---
  listOrganizationMembers: { name: "organization.listMembers", doc: "Lists the members of the organization." },
  listScimGroups: { name: "scim.listGroups", doc: "Lists the groups that the identity provider sent." },
  listScimGroupMappings: {
    name: "scim.listMappings",
    doc: "Lists the mappings of identity groups to roles in workspaces."
  },
  createScimGroupMapping: { name: "scim.create", doc: "Maps an identity group to a role in a workspace." },
  getScimGroupMapping: { name: "scim.read", doc: "Reads one mapping of an identity group." },
  updateScimGroupMapping: { name: "scim.update", doc: "Changes the role of a mapped identity group." },
  deleteScimGroupMapping: {
    name: "scim.delete",
    doc: "Removes the mapping of an identity group; its members can be kept or removed."
  },
  listWorkspaces: { name: "workspaces.list", doc: "Lists the workspaces of the account." },
  createWorkspace: { name: "workspaces.create", doc: "Creates a workspace." },
  getWorkspace: { name: "workspaces.get", doc: "Reads one workspace by id or slug." },
  updateWorkspace: { name: "workspaces.update", doc: "Changes a workspace." },
  deleteWorkspace: { name: "workspaces.delete", doc: "Deletes a workspace." },
  listWorkspaceBudgets: { name: "workspaces.listBudgets", doc: "Lists the spending limits of a workspace." },
  getWorkspaceBudget: {
    name: "workspaces.getBudget",
    doc: "Reads the spending limit of a workspace for one interval."
  },
  upsertWorkspaceBudget: {
    name: "workspaces.setBudget",
    doc: "Sets the spending limit of a workspace for one interval."
  },
  deleteWorkspaceBudget: {
    name: "workspaces.deleteBudget",
    doc: "Removes the spending limit of a workspace for one interval."
  },
  listWorkspaceMembers: { name: "workspaces.listMembers", doc: "Lists the members of a workspace." },
  bulkAddWorkspaceMembers: {
    name: "workspaces.bulkAddMembers",
    doc: "Adds members of the organization to a workspace."
  },
  bulkRemoveWorkspaceMembers: { name: "workspaces.bulkRemoveMembers", doc: "Removes members from a workspace." }
}
