/** Citations of web pages. In chat they belong to the message, in Responses and Anthropic messages to a text. */
import { isNotNullable } from "effect/Predicate"
import { defined } from "../../../internal/json.js"
import type { ChatAnnotation } from "../../../schema/ChatContent.js"
import type { AnthropicTextCitation } from "../../../schema/MessagesBlocks.js"
import type { AnthropicTextBlockParamCitation } from "../../../schema/MessagesBlocksRequest.js"
import type { OpenAIResponsesAnnotation, URLCitation } from "../../../schema/ResponsesContent.js"
import type { Report } from "./conversion.js"
import type { Citation, TextPart } from "./entry.js"

interface Source {
  readonly url: string
  readonly title?: string | null | undefined
  readonly content?: string | null | undefined
  readonly start_index?: number | null | undefined
  readonly end_index?: number | null | undefined
}

const known = ["type", "url", "title", "content", "start_index", "end_index"]

const read = (source: Source, at: string, report: Report): Citation => {
  report.rest(source, at, known)
  return {
    at,
    url: source.url,
    title: source.title ?? undefined,
    content: source.content ?? undefined,
    start: source.start_index ?? undefined,
    end: source.end_index ?? undefined
  }
}

const write = (citation: Citation, offset: number): Source =>
  defined({
    url: citation.url,
    title: citation.title,
    content: citation.content,
    start_index: shifted(citation.start, offset),
    end_index: shifted(citation.end, offset)
  })

const shifted = (index: number | undefined, offset: number): number | undefined =>
  index === undefined ? undefined : index + offset

/** @internal */
export const ofChat = (
  annotations: ReadonlyArray<ChatAnnotation> | null | undefined,
  path: string,
  report: Report
): ReadonlyArray<Citation> =>
  (annotations ?? []).flatMap((annotation, index) => {
    const at = `${path}.${index}`
    if (annotation.type !== "url_citation") {
      report.add("content", at, annotation, `only chat messages have annotations of type "${annotation.type}"`)
      return []
    }
    report.rest(annotation, at, ["type", "url_citation"])
    return [read(annotation.url_citation, `${at}.url_citation`, report)]
  })

/** @internal */
export const ofItem = (
  annotations: ReadonlyArray<OpenAIResponsesAnnotation> | null | undefined,
  path: string,
  report: Report
): ReadonlyArray<Citation> =>
  (annotations ?? []).flatMap((annotation, index) => {
    const at = `${path}.${index}`
    if (annotation.type === "url_citation" && isNotNullable(annotation.url)) {
      return [read({ ...annotation, url: annotation.url }, at, report)]
    }
    report.add("content", at, annotation, `only responses items have annotations like this "${annotation.type}"`)
    return []
  })

/** @internal */
export const ofClaude = (
  citations: ReadonlyArray<AnthropicTextBlockParamCitation | AnthropicTextCitation> | null | undefined,
  path: string,
  report: Report
): ReadonlyArray<Citation> =>
  (citations ?? []).flatMap((citation, index): ReadonlyArray<Citation> => {
    const at = `${path}.${index}`
    if (citation.type !== "web_search_result_location") {
      report.add("content", at, citation, `only Anthropic has citations of type "${citation.type}"`)
      return []
    }
    report.rest(citation, at, ["type", "url", "title", "cited_text"])
    const { cited_text: content, title, url } = citation
    return [{ at, url, title: title ?? undefined, content, start: undefined, end: undefined }]
  })

/**
 * Annotations of a message count characters from the start of its whole text.
 *
 * @internal
 */
export const toChat = (texts: ReadonlyArray<TextPart>): ReadonlyArray<ChatAnnotation> => {
  let offset = 0
  return texts.flatMap((part) => {
    const from = offset
    offset += part.text.length
    return (part.citations ?? []).map((citation): ChatAnnotation => ({
      type: "url_citation",
      url_citation: write(citation, from)
    }))
  })
}

/** @internal */
export const toItem = (citations: ReadonlyArray<Citation>): ReadonlyArray<URLCitation> =>
  citations.map((citation) => ({ type: "url_citation", ...write(citation, 0) }))

/**
 * Assigns each citation to the text in which it starts; a citation without a start goes to the first text.
 *
 * @internal
 */
export const spread = (parts: ReadonlyArray<TextPart>, citations: ReadonlyArray<Citation>): ReadonlyArray<TextPart> => {
  let offset = 0
  const starts = parts.map((part) => {
    const start = offset
    offset += part.text.length
    return start
  })
  const owner = (citation: Citation): number => {
    const start = citation.start
    return start === undefined ? 0 : Math.max(0, starts.findLastIndex((from) => from <= start))
  }
  return parts.map((part, index) => {
    const own = citations.filter((citation) => owner(citation) === index)
    const from = starts[index] ?? 0
    return own.length === 0 ? part : {
      ...part,
      citations: own.map((citation) => ({
        ...citation,
        start: shifted(citation.start, -from),
        end: shifted(citation.end, -from)
      }))
    }
  })
}
