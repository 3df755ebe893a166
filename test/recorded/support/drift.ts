/** How answers change over time, as changes to recorded bodies. */
import { isFields, parse } from "../reading/json.js"

const encoder = new TextEncoder()

const decoder = new TextDecoder()

const textOf = (body: Uint8Array): string => decoder.decode(body)

/** The same body with each of its JSON values changed. */
export const changed = (body: Uint8Array, stream: boolean, change: (value: unknown) => unknown): Uint8Array => {
  const again = (json: string): string => {
    const parsed = parse(json)
    return parsed === undefined ? json : JSON.stringify(change(parsed.value))
  }
  const text = textOf(body)
  return encoder.encode(
    stream ? text.replace(/^data: (.*)$/gm, (_, json: string) => `data: ${again(json)}`) : again(text)
  )
}

/** Every object has a field that nobody knows. */
export const withNews = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(withNews)
    : isFields(value)
    ? {
      ...Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withNews(inner)])),
      zz_news: "of tomorrow"
    }
    : value

/** Lines end as they do on other systems, and comments stand between them. */
export const withOtherLines = (body: Uint8Array): Uint8Array =>
  encoder.encode(textOf(body).replaceAll("\n\n", "\n\n: still there\n").replaceAll("\n", "\r\n"))

/** The body up to a place, from 0 to 1. */
export const cutAt = (body: Uint8Array, place: number): Uint8Array => body.subarray(0, Math.floor(body.length * place))

/** Another event before the one at a place, from 0 to 1. */
export const withEvent = (body: Uint8Array, place: number, event: unknown): Uint8Array => {
  const blocks = textOf(body).split("\n\n")
  const data = blocks.flatMap((block, i) => block.includes("data: {") ? [i] : [])
  blocks.splice(data[Math.floor(data.length * place)] ?? blocks.length, 0, `data: ${JSON.stringify(event)}`)
  return encoder.encode(blocks.join("\n\n"))
}

export interface Field {
  /** Where it stands: names joined by dots, `[]` for the items of an array. */
  readonly path: string
  readonly value: unknown
  /** The whole value with another one in the field's place; undefined takes the field out. */
  readonly with: (value: unknown) => unknown
}

/** All fields of a value, at any depth. */
export const fieldsOf = (value: unknown, path = ""): ReadonlyArray<Field> => {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) =>
      fieldsOf(item, `${path}[]`).map((field) => ({
        ...field,
        with: (other) => value.with(index, field.with(other))
      }))
    )
  }
  if (!isFields(value)) return []
  return Object.entries(value).flatMap(([key, inner]): ReadonlyArray<Field> => {
    const { [key]: _, ...rest } = value
    const at = path === "" ? key : `${path}.${key}`
    return [
      { path: at, value: inner, with: (other) => other === undefined ? rest : { ...value, [key]: other } },
      ...fieldsOf(inner, at).map((field) => ({
        ...field,
        with: (other: unknown) => ({ ...value, [key]: field.with(other) })
      }))
    ]
  })
}
