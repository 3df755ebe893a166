/** Tools of `@effect/ai` as tools of a chat, and the arguments that a model writes for them. */
import type * as LanguageModel from "@effect/ai/LanguageModel"
import * as Tool from "@effect/ai/Tool"
import * as Effect from "effect/Effect"
import { asSchema } from "../../internal/effect/schemaIssues.js"
import type { ChatFunctionTool, ChatToolChoice } from "../../schema/ChatRequest.js"
import * as JsonSchema from "../../schema/jsonSchema.js"
import { descriptionOf, parametersOf, strictOf } from "./effect/values.js"
import { Unsendable } from "./files.js"

/** @internal */
export interface Tools {
  /** The fields of the request; none without tools. */
  readonly fields: { readonly tools?: ReadonlyArray<ChatFunctionTool>; readonly tool_choice?: ChatToolChoice }
  /** Reads the arguments of a call: as the tool describes them, not as they are sent. Undefined if they are no JSON. */
  readonly read: (name: string, args: string) => Effect.Effect<{ readonly value: unknown } | undefined>
}

interface Prepared {
  readonly name: string
  readonly sent: ChatFunctionTool
  readonly restore: (value: unknown) => Effect.Effect<unknown>
}

/** @internal */
export const prepareTools = (
  { toolChoice, tools }: Pick<LanguageModel.ProviderOptions, "tools" | "toolChoice">
): Effect.Effect<Tools, JsonSchema.JsonSchemaError | Unsendable> =>
  Effect.map(Effect.forEach(tools, prepare), (all) => {
    const listed = typeof toolChoice === "object" && "oneOf" in toolChoice
      ? all.filter(({ name }) => toolChoice.oneOf.includes(name))
      : all
    return {
      fields: listed.length === 0
        ? {}
        : { tools: listed.map(({ sent }) => sent), tool_choice: choiceOf(toolChoice, listed) },
      read: (name, args) => {
        const parsed = parse(args)
        const restore = all.find((tool) => tool.name === name)?.restore
        return parsed === undefined || restore === undefined
          ? Effect.succeed(parsed)
          : Effect.map(restore(parsed.value), (value) => ({ value }))
      }
    }
  })

const choiceOf = (choice: LanguageModel.ToolChoice<string>, tools: ReadonlyArray<Prepared>): ChatToolChoice => {
  if (typeof choice === "string") return choice
  if ("oneOf" in choice) return choice.mode ?? "auto"
  const named = tools.find(({ name }) => name === choice.tool)
  return named === undefined || named.sent.type === "function"
    ? { type: "function", function: { name: choice.tool } }
    : { type: named.sent.type }
}

const prepare = (tool: Tool.Any): Effect.Effect<Prepared, JsonSchema.JsonSchemaError | Unsendable> =>
  Tool.isProviderDefined(tool)
    ? Effect.map(serverTool(tool.id, tool.args), (sent) => ({ name: tool.name, sent, restore: Effect.succeed }))
    : Effect.map(converted(tool), (parameters) => {
      const description = descriptionOf(tool)
      return {
        name: tool.name,
        sent: {
          type: "function",
          function: {
            name: tool.name,
            ...(description === undefined ? {} : { description }),
            parameters: parameters.schema,
            strict: parameters.strict
          }
        },
        restore: (value) => restored(parameters, value)
      }
    })

/** Strict where a strict schema can say it, as in tools of an agent. */
const converted = (tool: Tool.Any): Effect.Effect<JsonSchema.Converted, JsonSchema.JsonSchemaError> => {
  const parameters = parametersOf(tool)
  const convert = (strict: boolean): Effect.Effect<JsonSchema.Converted, JsonSchema.JsonSchemaError> =>
    "schema" in parameters
      ? JsonSchema.make(asSchema(parameters.schema), { strict })
      : JsonSchema.convert(parameters.json, { strict })
  const wanted = strictOf(tool)
  return wanted === undefined ? Effect.orElse(convert(true), () => convert(false)) : convert(wanted)
}

/**
 * A value in the form of the original schema. One that does not fit stays as it is: who reads it says what is wrong.
 *
 * @internal
 */
export const restored = (converted: JsonSchema.Converted, value: unknown): Effect.Effect<unknown> =>
  Effect.orElseSucceed(JsonSchema.restored(converted, converted.readTexts(value)), () => value)

/** Tools that OpenRouter executes, such as `openrouter.web_search`. */
const serverTool = (id: string, args: unknown): Effect.Effect<ChatFunctionTool, Unsendable> => {
  const [provider, ...name] = id.split(".")
  if (provider !== "openrouter" || name.length === 0) {
    return Effect.fail(
      new Unsendable(
        `The tool "${id}" is one of another provider. OpenRouter has tools such as "openrouter.web_search"`
      )
    )
  }
  const hasArgs = typeof args === "object" && args !== null && Object.keys(args).length > 0
  const sent = { type: `openrouter:${name.join(".")}`, ...(hasArgs ? { parameters: args } : {}) }
  // The API knows the names of its tools, and what they take
  return Effect.succeed(sent as ChatFunctionTool)
}

const parse = (args: string): { readonly value: unknown } | undefined => {
  try {
    return { value: args.trim() === "" ? {} : Tool.unsafeSecureJsonParse(args) }
  } catch {
    return undefined
  }
}
