import { arrayAt, excerpt, isObject, parseJson } from "../../internal/json.js"

/** What a provider or OpenRouter said, found in whatever shape it came. */

const maxMessage = 2000
const maxQuote = 500

/** The keys that hold a message, the most telling first. */
const messageKeys = [
  "message",
  "error",
  "errors",
  "detail",
  "details",
  "msg",
  "error_description",
  "error_message",
  "errorMessage",
  "description",
  "reason",
  "title",
  "fault",
  "faultstring",
  "text",
  "cause",
  "body",
  "response"
]

const maxDepth = 16

/**
 * The texts in a list of the wire, without the other values.
 *
 * @internal
 */
export const textsAt = (u: unknown, key: string): ReadonlyArray<string> =>
  arrayAt(u, key).slice(0, 20).filter((item) => typeof item === "string").map((text) => excerpt(text, 100))

/**
 * The message of an error: that of OpenRouter, what the provider said if that says more, and the reasons of a moderation.
 *
 * @internal
 */
export const messageOf = (
  message: string | undefined,
  { metadata, provider, raw }: {
    readonly provider: string | undefined
    readonly raw: unknown
    readonly metadata: unknown
  }
): string | undefined => {
  const said = innermostMessage(raw)
  const stated = message?.trim() === "" ? undefined : message
  const base = stated !== undefined && !isGeneric.test(stated.trim())
    ? quoting(excerpt(stated, maxMessage), provider, said)
    : said === undefined
    ? withProvider(stated, provider)
    : provider === undefined
    ? said
    : `${provider}: ${said}`
  const reasons = textsAt(metadata, "reasons").filter((reason) => base?.includes(reason) !== true)
  if (reasons.length === 0) return base
  return `${(base ?? "The input was flagged").replace(/\.\s*$/, "")}. Reasons: ${reasons.join(", ")}`
}

/** A message that only says that there was an error, or that the provider had one. */
const isGeneric =
  /^((upstream |provider |unknown |internal )?(provider returned )?(an )?error( from provider)?\W*(\d{3})?\W*)?$/i

/** OpenRouter's own message, with what the provider said if that says more. */
const quoting = (message: string, provider: string | undefined, said: string | undefined): string =>
  said === undefined || message.includes(said)
    ? message
    : `${message.replace(/\.\s*$/, "")} (${provider === undefined ? "" : `${provider}: `}${said})`

const withProvider = (message: string | undefined, provider: string | undefined): string | undefined =>
  message === undefined || provider === undefined || message.includes(provider)
    ? message
    : `${message.trim().replace(/\.$/, "")}. Provider: ${provider}`

/**
 * A message without the input that a moderation flagged, which is a part of the prompt. A long one has an ellipsis in its
 * middle.
 *
 * @internal
 */
export const withoutInput = (message: string, flagged: string | undefined): string =>
  (flagged?.split(/\.\.\.|…/) ?? []).map((part) => part.trim()).filter((part) => part.length >= 4)
    .reduce((rest, part) => rest.replaceAll(part, "…"), message)

/**
 * The message at the bottom of what a provider sent: a text, JSON, JSON within JSON, an object, a list or a page.
 *
 * @internal
 */
export const innermostMessage = (raw: unknown): string | undefined =>
  messageIn(raw, 0) ?? (isObject(raw) || Array.isArray(raw) ? quoted(raw) : undefined)

const messageIn = (raw: unknown, depth: number): string | undefined => {
  if (depth > maxDepth) return undefined
  if (typeof raw === "string") {
    const json = jsonIn(raw)
    return (json === undefined ? undefined : messageIn(json, depth + 1)) ?? plainText(raw)
  }
  if (Array.isArray(raw)) return firstMessage(raw.slice(0, 10), depth)
  return isObject(raw) ? firstMessage(messageKeys.map((key) => raw[key]), depth) : undefined
}

const firstMessage = (values: ReadonlyArray<unknown>, depth: number): string | undefined => {
  for (const value of values) {
    const found = messageIn(value, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}

/** The JSON of a value that holds a text, but under no key of a message. */
const quoted = (raw: object): string | undefined => {
  try {
    const json = JSON.stringify(raw)
    return /:"[^"]|\["[^"]/.test(json) ? excerpt(json, maxQuote) : undefined
  } catch {
    // A value may be too deep to be written
    return undefined
  }
}

/**
 * The object or list in a text that is JSON, that ends with JSON after a few words, or that has it in server-sent events.
 *
 * @internal
 */
export const jsonIn = (text: string): unknown => {
  const content = text.replace(/^(?::|event:|id:|retry:).*$/gm, "").replace(/^data:/gm, "").trim()
  if (content.startsWith("<")) return undefined
  const start = content.slice(0, maxPrefix).indexOf("{")
  return [content, start < 0 ? "" : content.slice(start), ...content.split("\n", 50)]
    .map((candidate) => /^\s*[[{]/.test(candidate) ? parseJson(candidate)?.value : undefined)
    .find((value) => isObject(Array.isArray(value) ? value[0] : value))
}

/** The length of words such as `Error code: 400 - `, which say nothing that the JSON after them does not. */
const maxPrefix = 40

/**
 * The words of a text, without the markup of a page.
 *
 * @internal
 */
export const plainText = (text: string | undefined): string | undefined => {
  if (text === undefined) return undefined
  // The limit bounds the work: a page with unclosed tags is searched again for each of them
  const plain = isMarkup.test(text)
    ? text.slice(0, 16_000).replace(/<(script|style)[\s\S]*?<\/\1>/gi, " ").replace(/<[^<>]*>/g, " ")
      .replace(/\s+/g, " ").trim()
    : text.trim()
  if (plain === "") return undefined
  return plain.length <= maxQuote ? plain : `${plain.slice(0, maxQuote)}… (${text.length} characters in all)`
}

const isMarkup = /^\s*<|<\/?(html|body|p|h1|title)\b/i

/**
 * A page in place of JSON: the challenge of Cloudflare, which stands before OpenRouter, or another one.
 *
 * @internal
 */
export type Page = "challenge" | "other"

/** @internal */
export const pageOf = (
  text: string | undefined,
  headers: Readonly<Record<string, string>> | undefined
): Page | undefined => {
  if (headers?.["cf-mitigated"] === "challenge") return "challenge"
  const start = text?.slice(0, 16_000).trimStart() ?? ""
  if (!start.startsWith("<")) return undefined
  return /challenge-platform|cf-chl|cf_chl|cf-browser-verification|just a moment|attention required! \| cloudflare/i
      .test(start)
    ? "challenge"
    : "other"
}

/** @internal */
export const noMessage = (status: number | undefined): string =>
  status === undefined
    ? "OpenRouter reported an error without a message"
    : `OpenRouter returned status ${status} without a message`
