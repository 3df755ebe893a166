/** Files in prompts and in responses: bytes, base64, addresses and data URLs. */
import type * as Prompt from "@effect/ai/Prompt"
import { decodeBase64, encodeBase64 } from "../../internal/effect/base64.js"
import type { ChatContentItems } from "../../schema/ChatContent.js"

/**
 * A prompt that the API does not take. The conversion throws it, and its entry catches it.
 *
 * @internal
 */
export class Unsendable extends Error {}

/** @internal */
export const contentOfFile = (part: Prompt.FilePart): ChatContentItems => {
  const kind = part.mediaType.toLowerCase()
  if (kind.startsWith("image/")) return { type: "image_url", image_url: { url: urlOf(part) } }
  if (kind.startsWith("video/")) return { type: "video_url", video_url: { url: urlOf(part) } }
  if (kind.startsWith("audio/")) return { type: "input_audio", input_audio: audioOf(part) }
  return {
    type: "file",
    file: { filename: part.options.openrouter?.fileName ?? part.fileName ?? "file", file_data: urlOf(part) }
  }
}

/**
 * The address of a file, or its bytes as a data URL.
 *
 * @internal
 */
export const urlOf = ({ data, mediaType }: Prompt.FilePart): string => {
  if (data instanceof URL) return data.href
  if (typeof data === "string" && /^(https?|data):/i.test(data)) return data
  const base64 = typeof data === "string" ? data : encodeBase64(data)
  return `data:${mediaType.toLowerCase() === "image/*" ? "image/jpeg" : mediaType};base64,${base64}`
}

const audioOf = (part: Prompt.FilePart): { readonly data: string; readonly format: string } => {
  const url = urlOf(part)
  const data = dataOf(url)
  if (data === undefined) {
    throw new Unsendable(
      `The API takes audio as bytes, and the prompt has an address. Read the file, and pass its bytes`
    )
  }
  const type = part.mediaType.toLowerCase().replace(/^audio\/(x-)?/, "").replace(/;.*$/, "")
  return { data: data.base64, format: audioFormats[type] ?? type }
}

const audioFormats: Readonly<Record<string, string>> = {
  l16: "pcm16",
  l24: "pcm24",
  mp4: "m4a",
  mpeg: "mp3",
  wave: "wav",
  "vnd.wave": "wav"
}

/**
 * What a data URL holds; undefined for another address.
 *
 * @internal
 */
export const dataOf = (url: string): { readonly mediaType: string; readonly base64: string } | undefined => {
  const [, type, isBase64, data] = /^data:([^,]*?)(;base64)?,(.*)$/is.exec(url) ?? []
  if (data === undefined) return undefined
  const mediaType = type?.replace(/;.*$/s, "") || "text/plain"
  if (isBase64 !== undefined) {
    const base64 = data.replace(/\s/g, "")
    return decodeBase64(base64) === undefined ? undefined : { mediaType, base64 }
  }
  try {
    return { mediaType, base64: encodeBase64(decodeURIComponent(data)) }
  } catch {
    return undefined
  }
}
