/**
 * Everything but the schemas (`effect-openrouter/schema/*`) and what tests need (`effect-openrouter/testing`).
 *
 * @since 0.1.0
 */

/** @since 0.1.0 */
export * as Agent from "./agent/Agent.js"

/** @since 0.1.0 */
export * as AgentStream from "./agent/AgentStream.js"

/** @since 0.1.0 */
export * as Analytics from "./services/Analytics.js"

/** @since 0.1.0 */
export * as ApiKeys from "./services/ApiKeys.js"

/** @since 0.1.0 */
export * as Approval from "./agent/Approval.js"

/** @since 0.1.0 */
export * as Benchmarks from "./services/Benchmarks.js"

/** @since 0.1.0 */
export * as Byok from "./services/Byok.js"

/** @since 0.1.0 */
export * as Chat from "./services/Chat.js"

/** @since 0.1.0 */
export * as Budget from "./agent/Budget.js"

/** @since 0.1.0 */
export * as Classifications from "./services/Classifications.js"

/** @since 0.1.0 */
export * as Compaction from "./agent/Compaction.js"

/** @since 0.1.0 */
export * as Completions from "./services/Completions.js"

/** @since 0.1.0 */
export * as Containers from "./services/Containers.js"

/** @since 0.1.0 */
export * as Conversation from "./agent/Conversation.js"

/** @since 0.1.0 */
export * as Convert from "./agent/Convert.js"

/** @since 0.1.0 */
export * as Credits from "./services/Credits.js"

/** @since 0.1.0 */
export * as Datasets from "./services/Datasets.js"

/** @since 0.1.0 */
export * as Decisions from "./services/Decisions.js"

/** @since 0.1.0 */
export * as DoomLoop from "./agent/DoomLoop.js"

/** @since 0.1.0 */
export * as Embeddings from "./services/Embeddings.js"

/** @since 0.1.0 */
export * as Endpoints from "./services/Endpoints.js"

/** @since 0.1.0 */
export * as Files from "./services/Files.js"

/** @since 0.1.0 */
export * as Generations from "./services/Generations.js"

/** @since 0.1.0 */
export * as Guardrail from "./agent/Guardrail.js"

/** @since 0.1.0 */
export * as Guardrails from "./services/Guardrails.js"

/** @since 0.1.0 */
export * as Images from "./services/Images.js"

/** @since 0.1.0 */
export * as Interns from "./services/Interns.js"

/** @since 0.1.0 */
export * as LargeOutput from "./agent/LargeOutput.js"

/** @since 0.1.0 */
export * as Messages from "./services/Messages.js"

/** @since 0.1.0 */
export * as Middleware from "./agent/Middleware.js"

/** @since 0.1.0 */
export * as Models from "./services/Models.js"

/** @since 0.1.0 */
export * as OAuth from "./services/OAuth.js"

/** @since 0.1.0 */
export * as Observability from "./services/Observability.js"

/** @since 0.1.0 */
export * as OpenRouterClient from "./http/OpenRouterClient.js"

/** @since 0.1.0 */
export * as OpenRouterError from "./http/OpenRouterError.js"

/** @since 0.1.0 */
export * as Organization from "./services/Organization.js"

/** @since 0.1.0 */
export * as Parameters from "./services/Parameters.js"

/** @since 0.1.0 */
export * as Presets from "./services/Presets.js"

/** @since 0.1.0 */
export * as Prompt from "./services/Prompt.js"

/** @since 0.1.0 */
export * as Providers from "./services/Providers.js"

/** @since 0.1.0 */
export * as Rerank from "./services/Rerank.js"

/** @since 0.1.0 */
export * as Responses from "./services/Responses.js"

/** @since 0.1.0 */
export * as KeyPool from "./http/KeyPool.js"

/** @since 0.1.0 */
export * as Retry from "./http/Retry.js"

/** @since 0.1.0 */
export * as Routing from "./services/Routing.js"

/** @since 0.1.0 */
export * as Scim from "./services/Scim.js"

/** @since 0.1.0 */
export * as StopWhen from "./agent/StopWhen.js"

/** @since 0.1.0 */
export * as StructuredOutput from "./services/StructuredOutput.js"

/** @since 0.1.0 */
export * as Stt from "./services/Stt.js"

/** @since 0.1.0 */
export * as SystemOne from "./services/SystemOne.js"

/** @since 0.1.0 */
export * as Tool from "./agent/Tool.js"

/** @since 0.1.0 */
export * as Toolkit from "./agent/Toolkit.js"

/** @since 0.1.0 */
export * as Tts from "./services/Tts.js"

/** @since 0.1.0 */
export * as Vault from "./services/Vault.js"

/** @since 0.1.0 */
export * as Videos from "./services/Videos.js"

/** @since 0.1.0 */
export * as Workspaces from "./services/Workspaces.js"

/** @since 0.1.0 */
export * as Usage from "./agent/Usage.js"
