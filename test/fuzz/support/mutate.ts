/** Changes what a server sent into what a server could send. */
import type { Dice } from "./dice.js"
import { json, keys } from "./nasty.js"

type Mutation = (text: string, dice: Dice) => string

const at = (text: string, dice: Dice): number => dice.below(text.length + 1)

const splice = (text: string, from: number, to: number, piece: string): string =>
  text.slice(0, from) + piece + text.slice(to)

/** The positions of some field values in a JSON text: good enough for mutation, without a parser. */
const places = (text: string): ReadonlyArray<readonly [from: number, to: number]> =>
  [...text.matchAll(/:\s?("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|\{\}|\[\])/g)].map(
    ({ 0: all, 1: value, index }) => {
      const to = index + all.length
      return [to - (value ?? "").length, to] as const
    }
  )

const replaceValue: Mutation = (text, dice) => {
  const found = places(text)
  const [from, to] = found[dice.below(found.length)] ?? [0, 0]
  return splice(text, from, to, json(dice))
}

const renameKey: Mutation = (text, dice) => {
  const found = [...text.matchAll(/"(\w+)":/g)]
  const key = found[dice.below(found.length)]
  if (key === undefined) return text
  return splice(text, key.index, key.index + key[0].length, `${JSON.stringify(dice.pick(keys))}:`)
}

const addField: Mutation = (text, dice) => {
  const found = [...text.matchAll(/\{(?=")/g)]
  const place = found[dice.below(found.length)]
  if (place === undefined) return text
  const key = dice.chance(0.5) ? dice.pick(keys) : dice.pick(["error", "type", "choices", "index", "id", "output"])
  return splice(text, place.index + 1, place.index + 1, `${JSON.stringify(key)}:${json(dice)},`)
}

const cut: Mutation = (text, dice) => text.slice(0, at(text, dice))

const drop: Mutation = (text, dice) => {
  const from = at(text, dice)
  return splice(text, from, from + dice.below(40), "")
}

const insert: Mutation = (text, dice) => {
  const from = at(text, dice)
  return splice(
    text,
    from,
    from,
    dice.pick(["\n", "\r", "\r\n", "\n\n", "\0", "\ufeff", "data: ", ": ", "id: 1\n", "\"", "}", "[DONE]", "\ud800"])
  )
}

const blocks: Mutation = (text, dice) => {
  const events = text.split(/\n\n/)
  const one = dice.below(events.length)
  const other = dice.below(events.length)
  const [a, b] = [events[one] ?? "", events[other] ?? ""]
  return dice.pick([
    () => events.filter((_, index) => index !== one),
    () => [...events.slice(0, one), a, a, ...events.slice(one)],
    () => events.map((event, index) => index === one ? b : index === other ? a : event),
    () => [...events.slice(one), ...events.slice(0, one)],
    () => [...events, ...events],
    () => [...events].reverse()
  ])().join("\n\n")
}

const anywhere: readonly [Mutation, ...ReadonlyArray<Mutation>] = [
  replaceValue,
  replaceValue,
  replaceValue,
  renameKey,
  addField,
  addField,
  cut,
  drop,
  insert
]

const inStreams: readonly [Mutation, ...ReadonlyArray<Mutation>] = [...anywhere, blocks, blocks, blocks]

/** Up to three mutations. */
export const mutate = (text: string, dice: Dice, stream: boolean): string => {
  let mutated = text
  for (let left = dice.below(4); left > 0; left--) {
    mutated = dice.pick(stream ? inStreams : anywhere)(mutated, dice)
  }
  return mutated
}

/** The bytes of a text, some of them flipped. */
export const bytes = (text: string, dice: Dice): Uint8Array => {
  const encoded = new TextEncoder().encode(text)
  if (encoded.length > 0 && dice.chance(0.15)) {
    for (let left = 1 + dice.below(3); left > 0; left--) encoded[dice.below(encoded.length)] = dice.below(256)
  }
  return encoded
}
