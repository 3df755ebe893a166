/** Entries as every provider takes them: the same rules as for the history of an agent. */
import { CallIds, isTooDeep, sendableArguments, sendableName, withWrittenText, writtenText } from "../sendable/calls.js"
import { cleanValue, isBlank, wellFormed, withoutHalves } from "../sendable/text.js"
import type { Report } from "./conversion.js"
import type { Call, Content, Entry, Output, Part } from "./entry.js"

/** @internal */
export const tidy = (entries: ReadonlyArray<Entry>, report: Report): ReadonlyArray<Entry> => {
  const ids = new CallIds()
  const written = new Map<string, string>()
  return entries.flatMap((entry): ReadonlyArray<Entry> => {
    const clean = cleanValue(entry, entry.kind === "reasoning" ? withoutHalves : wellFormed)
    if (clean !== entry) {
      report.lose("form", entry.at, "no provider takes half a character of Unicode, and some take no NUL")
    }
    switch (clean.kind) {
      case "call":
        return [
          tidyCall(entry.kind === "call" ? { ...clean, arguments: entry.arguments } : clean, ids, written, report)
        ]
      case "output":
        return [tidyOutput(clean, ids, written, report)]
      case "assistant": {
        const content = clean.content === null ? undefined : tidyContent(clean.content)
        return content === undefined ? [] : [{ ...clean, content }]
      }
      case "message": {
        const content = tidyContent(clean.content) ?? (clean.role === "user" ? "(no message)" : undefined)
        return content === undefined ? [] : [{ ...clean, content }]
      }
      default:
        return [clean]
    }
  })
}

const tidyCall = (call: Call, ids: CallIds, written: Map<string, string>, report: Report): Call => {
  const input = isTooDeep(call.arguments)
    // A provider may refuse it, but there is no other form of it
    ? { text: call.arguments, written: undefined }
    : sendableArguments(call.arguments)
  const tidied = { ...call, id: ids.ofCall(call.id), name: sendableName(call.name), arguments: input.text }
  if (input.written !== undefined) {
    written.set(tidied.id, input.written)
    report.lose(
      "content",
      call.at,
      "providers refuse arguments that are no JSON object; the output of the call shows them"
    )
  } else if (input.text !== call.arguments && !isBlank(call.arguments)) {
    report.lose("form", call.at, "the arguments are the JSON object that was meant")
  }
  if (tidied.name !== call.name || !tidied.id.startsWith(call.id)) {
    report.lose("form", call.at, "providers refuse such a name or id of a call")
  }
  return tidied
}

const tidyOutput = (output: Output, ids: CallIds, written: ReadonlyMap<string, string>, report: Report): Output => {
  const id = ids.ofOutput(output.id)
  if (!id.startsWith(output.id)) report.lose("form", output.at, "providers refuse such an id of a call")
  const content = tidyContent(output.content) ?? "(no output)"
  const text = written.get(id)
  if (text === undefined) return { ...output, id, content }
  return {
    ...output,
    id,
    content: typeof content === "string"
      ? withWrittenText(content, text)
      : [...content, { kind: "text", at: output.at, text: writtenText(text) }]
  }
}

/** Content with only the parts that say something. */
const tidyContent = (content: Content): Content | undefined => {
  if (typeof content === "string") return isBlank(content) ? undefined : content
  const parts = content.filter(saysSomething)
  return parts.length === 0 ? undefined : parts
}

const saysSomething = (part: Part): boolean => part.kind !== "text" && part.kind !== "refusal" || !isBlank(part.text)
