/** Content inside a URL, as the formats write it in their different ways. */
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"

/** @internal */
export interface Inline {
  readonly mediaType: string
  readonly base64: string
}

/** @internal */
export const isAddress = (value: string): boolean => /^https?:/i.test(value)

/** @internal */
export const isDataUrl = (value: string): boolean => /^data:/i.test(value)

/** @internal */
export const toDataUrl = ({ base64, mediaType }: Inline): string => `data:${mediaType};base64,${base64}`

/** The parts of a base64 data URL, or `undefined` for any other string. @internal */
export const fromDataUrl = (url: string): Inline | undefined => {
  const comma = url.indexOf(",")
  const head = isDataUrl(url) ? /^data:(.*);base64$/i.exec(url.slice(0, comma)) : null
  return head?.[1] === undefined ? undefined : { mediaType: head[1], base64: url.slice(comma + 1) }
}

/** Text as a data URL, or `undefined` where half characters would not come back. @internal */
export const textToDataUrl = (mediaType: string, text: string): string | undefined => {
  const base64 = Encoding.encodeBase64(text)
  return textOfBase64(base64) === text ? toDataUrl({ mediaType, base64 }) : undefined
}

/** @internal */
export const textOfBase64 = (base64: string): string | undefined =>
  Either.getOrUndefined(Encoding.decodeBase64String(base64))

const png = "data:image/png;base64,"

/** The `result` of an image generation: base64 alone where it is PNG, else the whole URL. @internal */
export const toImageResult = (url: string): string => url.startsWith(png) ? url.slice(png.length) : url

/** @internal */
export const fromImageResult = (result: string): string =>
  isDataUrl(result) || isAddress(result) ? result : `${png}${result}`
