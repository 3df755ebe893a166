/**
 * The options of a run, and the types that follow from them.
 *
 * @since 0.1.0
 */
import type { DurationInput } from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import type * as Schema from "effect/Schema"
import type { OpenRouterClient } from "../../http/OpenRouterClient.js"
import type { Hint } from "../../internal/hint.js"
import type { ChatMessages } from "../../schema/ChatRequest.js"
import type { MessagesMessageParam } from "../../schema/MessagesContentRequest.js"
import type { InputItem } from "../../schema/ResponsesItemsRequest.js"
import type { DeepPartial, ElementOf, ListOf, ReadError } from "../../services/StructuredOutput.js"
import type { Budget } from "../Budget.js"
import type { Compaction } from "../Compaction.js"
import type { Conversation, ConversationError } from "../Conversation.js"
import type { Middleware, ResponseGate, TurnFailure } from "../Middleware.js"
import type * as StopWhen from "../StopWhen.js"
import type * as Tool from "../Tool.js"
import type { Toolkit } from "../Toolkit.js"
import type { Signing } from "./approval.js"
import type { WithProgress } from "./errors.js"
import type { AgentEvent } from "./events.js"
import type { Blocked } from "./guardrails/blocked.js"
import type { Run } from "./run.js"
import type { Dynamic, TurnParams } from "./turnParams.js"

export type { Dynamic, NextTurn, TurnContext, TurnParams } from "./turnParams.js"

/**
 * The input of a run: a text, items, chat messages or Anthropic messages.
 *
 * @since 0.1.0
 * @category models
 */
export type Input =
  | string
  | ReadonlyArray<InputItem>
  | ReadonlyArray<ChatMessages>
  | ReadonlyArray<MessagesMessageParam>

/**
 * A structured output: the schema of the value, and how often the model may repair a response that does not fit the schema
 * (default once).
 *
 * @since 0.1.0
 * @category models
 */
export interface Output {
  readonly schema: Schema.Schema.All
  readonly name?: string | undefined
  readonly description?: string | undefined
  readonly strict?: boolean | undefined
  readonly repairs?: number | undefined
}

/**
 * Options of a run. Each field of a Responses request is a value, or a function of the turn that returns a value or an
 * effect; a function for `input` is called once. Without `model`, OpenRouter uses the default model of the account.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends DynamicParams {
  /**
   * What the run adds to the conversation. Without it, the run continues the stored conversation; if nothing is left to do,
   * it returns the stored result and sends no request.
   */
  readonly input?: Dynamic<Input> | undefined
  /** The tools of the run: a toolkit, or a list of tools. A layer of a toolkit provides their handlers. */
  readonly tools?:
    | Toolkit<Tool.Any>
    | ReadonlyArray<Tool.Any>
    | (Toolkit<Tool.Any> & Hint<"put the tool into a list: [tool]">)
    | undefined
  /**
   * The names of the tools that the model may call, in all turns or in one. Requests leave out the other tools, and a call of
   * one of these does not execute. Each change makes the provider write its cache anew. Default: all tools.
   */
  readonly activeTools?: Dynamic<ReadonlyArray<string>> | undefined
  /**
   * Each of these conditions stops the run. They are evaluated after every response, before its tools execute. Budgets are
   * evaluated again after the tools, because tools may spend money, too, and so is `hasToolCall`.
   */
  readonly stopWhen?:
    | StopWhen.Any
    | ReadonlyArray<StopWhen.Any>
    | (StopWhen.StopCondition & Hint<"give StopWhen.stepCountIs(5) or the like, or (run) => boolean">)
    | undefined
  /** A budget that this run shares with others, in addition to `stopWhen`. */
  readonly budget?: Budget | undefined
  /** The limit of turns, in addition to `stopWhen`. Default 50; `Infinity` for no limit. */
  readonly maxSteps?: number | undefined
  /**
   * After a stop with pending calls: executes them, and requests a final response without tools. `true` adds a directive of
   * the library to the input, a text adds this text, `""` adds no directive. Default `""` after `hasToolCall` and the like,
   * else false: a stop sends no more requests.
   */
  readonly allowFinalResponse?: boolean | string | undefined
  /** Whether an empty response after tools fails the run. Default false: it is requested again, once. */
  readonly strictFinalResponse?: boolean | undefined
  /** Ids of pending calls to execute; with `approvals`, their signed tokens. */
  readonly approve?: ReadonlyArray<string> | undefined
  /** Accepts only signed approvals: for a history that comes from a client, which could change what was approved. */
  readonly approvals?: Signing | undefined
  /** Ids of pending calls not to execute. */
  readonly reject?: ReadonlyArray<string | { readonly callId: string; readonly reason: string }> | undefined
  /** Answers of suspended and manual calls by call id, in the encoded form of their schemas. */
  readonly answer?: { readonly [callId: string]: unknown } | undefined
  /** The id of the stored conversation to continue. It requires a `Conversation` layer. */
  readonly conversation?: string | undefined
  /**
   * How long the conversation stays locked after the process of this run has died. The run renews its lease when a third
   * of it is over. Default 1 minute.
   */
  readonly lease?: DurationInput | undefined
  /** What the run does when the conversation becomes too long for the context of the model. Default: nothing. */
  readonly compaction?: Compaction | undefined
  /**
   * `"auto"` makes the most of prompt caches. A `session_id` keeps the requests of the conversation, or of this run, at the
   * provider that has the cache. Models that cache only what is marked (Anthropic, Alibaba) get at most four marks, yours
   * included: at the end of the instructions, of the input, and of the input of the turn before. For these models, the
   * instructions are the first item of the input. The span of the run has an event for each change of model, tools or
   * instructions, because the provider then writes its cache anew. Default: none of this.
   */
  readonly cache?: "auto" | undefined
  /** Requests a structured output: a schema, or a schema with options. */
  readonly output?: Schema.Schema.All | Output | (Output & Hint<"use a Schema of effect">) | undefined
  readonly middleware?: Middleware | ReadonlyArray<Middleware> | undefined
  /**
   * Retries a turn whose response failed or ended early. Its tools do not execute again. You pay for each attempt.
   * Default: no retries.
   */
  readonly retryTurn?: Schedule.Schedule<unknown, TurnFailure> | undefined
  /** How many calls may execute at the same time. Default 8. */
  readonly toolConcurrency?: number | undefined
  /** Whether a call of an unknown tool returns an error to the model (`"return"`, the default), or fails the run. */
  readonly onUnknownTool?: "return" | "error" | undefined
  /**
   * The id of this run, instead of a random one. Give it if the run may be repeated, for example by a durable engine: the
   * keys of its activities and, without `conversation`, the `idempotencyKey` of its calls are the same each time. In a stored
   * conversation, what the run stored before is not new: it pays for no turn again. Another task needs another id.
   */
  readonly runId?: string | undefined
  /** The name of the agent in events, spans and the stored conversation. */
  readonly name?: string | undefined
}

/**
 * The fields of a Responses request, each a value or a function of the turn.
 *
 * @since 0.1.0
 * @category models
 */
export type DynamicParams = { readonly [Field in keyof TurnParams]?: Dynamic<TurnParams[Field]> }

/** The type of an option without `undefined`. */
type Given<O, Key extends keyof Options> = Key extends keyof O ? Exclude<O[Key], undefined> : never

type OwnTools<O> = Given<O, "tools"> extends infer Kit
  ? Kit extends Toolkit<infer T> ? T : Kit extends ReadonlyArray<infer T extends Tool.Any> ? T : never
  : never

/** The agents that can take over from an agent, as the types of its handoffs name them. */
type NextAgents<O> = OwnTools<O> extends infer T ?
  T extends Tool.Tool<string, infer U> ? U extends { readonly agent: infer Next } ? Next : never
  : never
  : never

/** The agents that can take over in a run, at any time. */
type OtherAgents<O> = NextAgents<O> extends infer Next ? Next extends unknown ? Next | OtherAgents<Next> : never : never

/**
 * The tools of a run, with those of the agents that can take over.
 *
 * @since 0.1.0
 * @category models
 */
export type ToolsOf<O> = OwnTools<O> | OwnTools<OtherAgents<O>>

type OutputSchema<O> = SchemaIn<Given<O, "output">>

type OwnValue<O> = [Given<O, "output">] extends [never] ? undefined : Schema.Schema.Type<OutputSchema<O>>

/** The values of agents that can take over. One without `output` keeps that of the run. */
type OtherValues<Next> = Next extends unknown ? Exclude<OwnValue<Next>, undefined> : never

/**
 * The type of a run's structured output; `undefined` without one.
 *
 * @since 0.1.0
 * @category models
 */
export type ValueOf<O> = OwnValue<O> | OtherValues<OtherAgents<O>>

/** A schema without the options beside it. */
type SchemaIn<S> = S extends { readonly schema: infer Inner } ? Inner : S

/**
 * The partial values of a schema, or of an `output` with a schema.
 *
 * @since 0.1.0
 * @category models
 */
export type PartialIn<S> = SchemaIn<S> extends infer Inner extends Schema.Schema.All
  ? DeepPartial<Schema.Schema.Encoded<Inner>>
  : never

/**
 * The lists in the value of a schema, or of an `output` with a schema.
 *
 * @since 0.1.0
 * @category models
 */
export type ListIn<S> = SchemaIn<S> extends infer Inner extends Schema.Schema.All
  ? ListOf<Schema.Schema.Type<Inner>, Schema.Schema.Encoded<Inner>>
  : never

/**
 * The type of the elements of such a list.
 *
 * @since 0.1.0
 * @category models
 */
export type ElementIn<S, List> = SchemaIn<S> extends infer Inner extends Schema.Schema.All
  ? ElementOf<Schema.Schema.Type<Inner>, List>
  : never

/**
 * What decoding them requires.
 *
 * @since 0.1.0
 * @category models
 */
export type ContextIn<S> = SchemaIn<S> extends infer Inner extends Schema.Schema.All ? Schema.Schema.Context<Inner>
  : never

type OtherPartials<Next> = Next extends unknown ? PartialIn<Given<Next, "output">> : never

/**
 * The type of the partial values of a run's structured output.
 *
 * @since 0.1.0
 * @category models
 */
export type PartialOf<O> = PartialIn<Given<O, "output">> | OtherPartials<OtherAgents<O>>

/**
 * The result of a run with these options.
 *
 * @since 0.1.0
 * @category models
 */
export type RunOf<O> = Run<ValueOf<O>>

/**
 * The events of runs with the options `O`, with the agent `O`, or with the toolkit `O`.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { Agent, Tool, Toolkit } from "effect-openrouter"
 *
 * const Search = Tool.make("search", { success: Schema.String })
 * const agent = Agent.make({ name: "librarian", model: "openai/gpt-5-nano", tools: Toolkit.make(Search) })
 *
 * const show = (event: Agent.EventOf<typeof agent>): string => event.type === "tool.result" ? event.name : event.type
 * ```
 */
export type EventOf<O> = O extends Toolkit<infer T> ? AgentEvent<T> : AgentEvent<ToolsOf<O>, ValueOf<O>>

/** The effects that the functions of the options return. */
type EffectsOf<O> =
  | Returned<O[keyof O & (keyof TurnParams | "input" | "activeTools")]>
  | MiddlewareEffect<Each<Given<O, "middleware">>>

type Each<One> = One extends ReadonlyArray<infer Element> ? Element : One

type Returned<F> = F extends (...args: never) => infer Result
  ? Extract<Result, Effect.Effect<unknown, unknown, unknown>>
  : never

type MiddlewareEffect<M> = M extends Middleware ? Returned<M[keyof M]> | GateEffect<M> : never

type GateEffect<M> = M extends { readonly gate?: infer Make }
  ? Make extends () => ResponseGate<infer E, infer R> ? Effect.Effect<unknown, E, R> : never
  : never

type FailureOf<Self> = Self extends Effect.Effect<infer _A, infer E, infer _R> ? E : never

type ContextOf<Self> = Self extends Effect.Effect<infer _A, infer _E, infer R> ? R : never

/**
 * The errors of a run with these options, in addition to those of any run. Each error has the progress of the run.
 *
 * @since 0.1.0
 * @category models
 */
export type Failure<O> = WithProgress<
  | Exclude<SpeakerFailure<O>, Blocked>
  | StopWhen.Failure<Each<Given<O, "stopWhen">>>
  | ([Given<O, "conversation">] extends [never] ? never : ConversationError)
>

/**
 * What a run with these options requires: the client, the handlers of its tools, and what its functions require.
 *
 * @since 0.1.0
 * @category models
 */
export type Requirements<O> =
  | OpenRouterClient
  | Tool.Requirements<OwnTools<O>>
  | ContextOf<EffectsOf<O>>
  | StopWhen.Requirements<Each<Given<O, "stopWhen">>>
  | Schema.Schema.Context<OutputSchema<O>>
  | ([Given<O, "conversation">] extends [never] ? never : Conversation)

/**
 * What an agent that can take over fails with, without the progress of the run.
 *
 * @since 0.1.0
 * @category models
 */
export type SpeakerFailure<O> =
  | Tool.Failures<OwnTools<O>>
  | FailureOf<EffectsOf<O>>
  | ([Given<O, "output">] extends [never] ? never : ReadError)
