/** Conversations in their canonical form: the form that the APIs write and that conversions return. */
import * as FastCheck from "effect/FastCheck"
import type { ClaudePrompt } from "../../../src/agent/Convert.js"
import type { ChatAssistantMessage, ChatContentItems, ReasoningDetailUnion } from "../../../src/schema/ChatContent.js"
import type { ChatMessages } from "../../../src/schema/ChatRequest.js"
import type { AnthropicTextBlockParam } from "../../../src/schema/MessagesBlocksRequest.js"
import type { MessagesContentBlockParam, MessagesMessageParam } from "../../../src/schema/MessagesContentRequest.js"

const { array, constant, constantFrom, option, record, tuple } = FastCheck

/** A text that every provider takes: not blank, without NUL. */
const word = FastCheck.fullUnicodeString({ minLength: 1 }).filter((text) => text.trim() !== "" && !text.includes("\0"))
const token = FastCheck.hexaString({ minLength: 12, maxLength: 12 })
const base64 = FastCheck.base64String({ minLength: 4 })
const address = token.map((name) => `https://example.com/${name}`)
const imageType = constantFrom("image/png", "image/jpeg", "image/webp")
const image = FastCheck.oneof(address, tuple(imageType, base64).map(([type, data]) => `data:${type};base64,${data}`))
const ephemeral = constant({ type: "ephemeral" as const })

/** An object without the fields that were not drawn. */
const optional = <A, B extends object>(
  required: A,
  fields: B
): A & { readonly [K in keyof B]?: Exclude<B[K], undefined> } => {
  const kept: { [K in keyof B]?: Exclude<B[K], undefined> } = {}
  for (const key of Object.keys(fields)) {
    const value: unknown = Reflect.get(fields, key)
    if (value !== undefined) Reflect.set(kept, key, value)
  }
  return { ...required, ...kept }
}

const maybe = <A>(arbitrary: FastCheck.Arbitrary<A>) => option(arbitrary, { nil: undefined })

const chatText = tuple(word, maybe(ephemeral)).map(([text, cache_control]) =>
  optional({ type: "text" as const, text }, { cache_control })
)

const chatImage = tuple(image, maybe(constantFrom("low", "high", "original"))).map((
  [url, detail]
): ChatContentItems => ({
  type: "image_url",
  image_url: optional({ url }, { detail })
}))

const chatFile = tuple(
  FastCheck.oneof(
    record({ file_data: FastCheck.oneof(address, base64.map((data) => `data:application/pdf;base64,${data}`)) }),
    record({ file_id: token })
  ),
  maybe(word)
).map(([source, filename]): ChatContentItems => ({ type: "file", file: optional(source, { filename }) }))

const chatPart: FastCheck.Arbitrary<ChatContentItems> = FastCheck.oneof(
  chatText,
  chatImage,
  chatFile,
  record({
    type: constant("input_audio" as const),
    input_audio: record({ data: base64, format: constantFrom("wav", "mp3") })
  }),
  record({ type: constant("video_url" as const), video_url: record({ url: address }) })
)

const contentOf = <A>(part: FastCheck.Arbitrary<A>) =>
  FastCheck.oneof(word, array(part, { minLength: 1, maxLength: 3 }))

const formats = [undefined, null, "unknown", "anthropic-claude-v1", "openai-responses-v1", "of tomorrow"]

const place = tuple(
  constantFrom(...formats),
  maybe(FastCheck.oneof(constant(null), FastCheck.nat(9)))
).map(([format, index]) => optional({}, { format, index }))

const summary = tuple(word, place).map(([summary, rest]) => ({ type: "reasoning.summary" as const, summary, ...rest }))

/** Details as recorded from providers, and more: with or without ids, with different indexes. */
const details: FastCheck.Arbitrary<ReadonlyArray<ReasoningDetailUnion>> = array(
  FastCheck.oneof(
    tuple(FastCheck.fullUnicodeString(), maybe(base64), maybe(FastCheck.oneof(token, constant(null))), place).map(
      ([text, signature, id, rest]) => [optional({ type: "reasoning.text" as const, text, ...rest }, { signature, id })]
    ),
    tuple(base64, maybe(token), place).map(([data, id, rest]) => [
      optional({ type: "reasoning.encrypted" as const, data, ...rest }, { id })
    ]),
    summary.map((detail) => [detail]),
    tuple(array(summary, { minLength: 1, maxLength: 2 }), base64, token, constantFrom(...formats), FastCheck.boolean())
      .map(([summaries, data, id, format, isNumbered]) => [
        ...summaries.map((one) => optional({ ...one }, { format })),
        optional({ type: "reasoning.encrypted" as const, data, id }, { format, index: isNumbered ? 0 : undefined })
      ])
  ),
  { minLength: 1, maxLength: 3 }
).map((groups) => groups.flat())

const textOf = (details: ReadonlyArray<ReasoningDetailUnion>): string =>
  details.map((detail) =>
    detail.type === "reasoning.text"
      ? detail.text ?? ""
      : detail.type === "reasoning.summary"
      ? detail.summary ?? ""
      : ""
  ).join("")

const reasoning = FastCheck.oneof(
  constant({}),
  record({ reasoning: word }),
  details.map((reasoning_details) =>
    optional({ reasoning_details }, { reasoning: textOf(reasoning_details) || undefined })
  )
)

const citation = tuple(address, maybe(word), maybe(word), maybe(FastCheck.nat(9)), maybe(FastCheck.nat(99))).map(
  ([url, title, content, start_index, end_index]) => ({
    type: "url_citation" as const,
    url_citation: optional({ url }, { title, content, start_index, end_index })
  })
)

/** Content of the assistant: empty, a text with other fields, several texts, or text with breakpoints. */
const speech = FastCheck.oneof(
  constant({ content: null }),
  tuple(word, maybe(word), maybe(array(citation, { minLength: 1, maxLength: 2 }))).map(
    ([content, refusal, annotations]) => optional({ content }, { refusal, annotations })
  ),
  word.map((refusal) => ({ content: null, refusal })),
  array(word, { minLength: 2, maxLength: 3 }).map((texts) => ({
    content: texts.map((text) => ({ type: "text" as const, text }))
  })),
  array(chatText, { minLength: 2, maxLength: 3 }).map((content) => ({ content }))
)

const call = tuple(token, token, FastCheck.json()).map(([id, name, input]) => ({
  id,
  type: "function" as const,
  function: { name, arguments: `{"value":${input}}` }
}))

const picture = image.map((url) => ({ type: "image_url", image_url: { url } }))

const assistant = (calls: number): FastCheck.Arbitrary<ChatAssistantMessage> =>
  tuple(
    calls === 0 ? speech.filter((said) => said.content !== null || "refusal" in said) : speech,
    reasoning,
    array(call, { minLength: calls, maxLength: calls }),
    maybe(array(picture, { minLength: 1, maxLength: 2 }))
  ).map(([said, thought, calls, images]) =>
    optional({ role: "assistant" as const, ...said, ...thought }, {
      tool_calls: calls.length === 0 ? undefined : calls,
      images
    })
  )

const toolMessages = (message: ChatAssistantMessage) =>
  tuple(
    ...(message.tool_calls ?? []).map(({ id }) =>
      contentOf(FastCheck.oneof(chatText, chatImage, chatFile)).map((content): ChatMessages => ({
        role: "tool",
        tool_call_id: id,
        content
      }))
    )
  )

const userMessage = contentOf(chatPart).map((content): ChatMessages => ({ role: "user", content }))

const instructions = tuple(constantFrom("system" as const, "developer" as const), contentOf(chatText)).map(
  ([role, content]): ChatMessages => ({ role, content })
)

const exchange: FastCheck.Arbitrary<ReadonlyArray<ChatMessages>> = FastCheck.oneof(
  tuple(assistant(0), FastCheck.oneof(userMessage, instructions)),
  FastCheck.integer({ min: 1, max: 3 }).chain(assistant).chain((message) =>
    toolMessages(message).map((results) => [message, ...results])
  )
)

/** @see docs/converters.md, "What comes back as it was" */
export const chatConversation: FastCheck.Arbitrary<ReadonlyArray<ChatMessages>> = tuple(
  array(FastCheck.oneof(userMessage, instructions), { maxLength: 2 }),
  array(exchange, { maxLength: 4 }),
  array(assistant(0), { maxLength: 1 })
).map(([before, exchanges, after]) => [...before, ...exchanges.flat(), ...after])

const claudeText = tuple(word, maybe(ephemeral)).map(([text, cache_control]): AnthropicTextBlockParam =>
  optional({ type: "text" as const, text }, { cache_control })
)

const claudeImage = FastCheck.oneof(
  record({ type: constant("url" as const), url: address }),
  record({ type: constant("base64" as const), media_type: imageType, data: base64 })
).map((source) => ({ type: "image" as const, source }))

const claudeDocument = tuple(
  FastCheck.oneof(
    record({ type: constant("base64" as const), media_type: constant("application/pdf"), data: base64 }),
    record({
      type: constant("text" as const),
      media_type: constant("text/plain"),
      data: FastCheck.fullUnicodeString()
    }),
    record({ type: constant("url" as const), url: address }),
    record({ type: constant("file" as const), file_id: token })
  ),
  maybe(word)
).map(([source, title]) => optional({ type: "document" as const, source }, { title }))

const claudeContent = FastCheck.oneof(claudeText, claudeImage, claudeDocument)

const thinking: FastCheck.Arbitrary<MessagesContentBlockParam> = FastCheck.oneof(
  record({ type: constant("thinking" as const), thinking: FastCheck.fullUnicodeString(), signature: base64 }),
  record({ type: constant("redacted_thinking" as const), data: base64 })
)

const input = FastCheck.dictionary(
  token,
  FastCheck.oneof(word, FastCheck.integer(), FastCheck.boolean(), constant(null), array(token))
)

const toolUse = record({ type: constant("tool_use" as const), id: token, name: token, input })

const claudeAssistant: FastCheck.Arbitrary<MessagesMessageParam> = FastCheck.oneof(
  word,
  array(FastCheck.oneof<Array<FastCheck.Arbitrary<MessagesContentBlockParam>>>(thinking, claudeText, toolUse), {
    minLength: 1,
    maxLength: 4
  })
).map((content) => ({ role: "assistant", content }))

const toolResults = (message: MessagesMessageParam): FastCheck.Arbitrary<ReadonlyArray<MessagesContentBlockParam>> =>
  tuple(
    ...(typeof message.content === "string" ? [] : message.content).flatMap((block) =>
      block.type === "tool_use"
        ? [
          contentOf(claudeContent).map((content) => ({ type: "tool_result" as const, tool_use_id: block.id, content }))
        ]
        : []
    )
  )

const claudeUser: FastCheck.Arbitrary<MessagesMessageParam> = contentOf(claudeContent).map((content) => ({
  role: "user",
  content
}))

const claudeExchange = claudeAssistant.chain((message) =>
  toolResults(message).chain((results) =>
    results.length === 0
      ? claudeUser.map((user) => [message, user])
      : array(claudeContent, { maxLength: 2 }).map((after) => [
        message,
        { role: "user", content: [...results, ...after] }
      ])
  )
)

/** @see docs/converters.md, "What comes back as it was" */
export const claudeConversation: FastCheck.Arbitrary<ClaudePrompt> = tuple(
  maybe(contentOf(claudeText)),
  claudeUser,
  array(claudeExchange, { maxLength: 4 }),
  array(claudeAssistant, { maxLength: 1 })
).map(([system, first, exchanges, last]) => optional({ messages: [first, ...exchanges.flat(), ...last] }, { system }))
