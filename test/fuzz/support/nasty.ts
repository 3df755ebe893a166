/** Values that often break programs, and their JSON. */
import type { Dice } from "./dice.js"

/** Keys that every object inherits, and keys that look like numbers. */
export const keys = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "then",
  "toJSON",
  "",
  "0",
  "-1",
  "length",
  "_tag",
  "\ud800"
] as const

/** JSON texts of single values; `JSON.stringify` cannot write some of them. */
const atoms = [
  "null",
  "true",
  "false",
  "0",
  "-0",
  "1e400",
  "-1e400",
  "1e-400",
  "9007199254740993",
  "123456789012345678901234567890",
  "0.1",
  "\"\"",
  "\"\\ud800\"",
  "\"\\udc00 alone\"",
  "\"\\u0000\"",
  "\"\u2028\"",
  "\"\ufeff\"",
  "\"data: [DONE]\\n\\n\"",
  "\"[DONE]\"",
  "\"🤖\"",
  "{}",
  "[]",
  "[null]",
  "{\"__proto__\":{\"polluted\":true}}",
  "{\"constructor\":{\"prototype\":{\"polluted\":true}}}",
  "{\"a\":1,\"a\":2}",
  "{\"error\":null}",
  "{\"error\":{\"code\":\"x\",\"message\":7,\"metadata\":[]}}",
  "{\"error\":{\"code\":1e400,\"message\":\"\"}}"
] as const

const words = ["type", "error", "choices", "delta", "output", "content", "item", "response", "index", "code"] as const

const deep = (levels: number, dice: Dice): string =>
  dice.chance(0.5)
    ? "[".repeat(levels) + "]".repeat(levels)
    : "{\"a\":".repeat(levels) + "1" + "}".repeat(levels)

/** The JSON of a value of any kind, rarely a very deep or very long one. */
export const json = (dice: Dice, depth = 0): string => {
  if (dice.chance(0.004)) return deep(dice.pick([50, 500, 5000, 50_000]), dice)
  if (dice.chance(0.004)) return JSON.stringify("x".repeat(dice.pick([1000, 100_000])))
  if (depth > 3 || dice.chance(0.6)) return dice.pick(atoms)
  const items = Array.from({ length: dice.below(4) }, () => json(dice, depth + 1))
  if (dice.chance(0.4)) return `[${items.join(",")}]`
  const fields = items.map((item) => `${JSON.stringify(dice.chance(0.3) ? dice.pick(keys) : dice.pick(words))}:${item}`)
  return `{${fields.join(",")}}`
}

const invalid = [
  "{",
  "}",
  "[",
  "]",
  "\"",
  "{\"a\":",
  "{'a':1}",
  "NaN",
  "undefined",
  "01",
  "[1,]",
  "\"\\u12\"",
  "<html>"
] as const

/** Text that is mostly valid JSON. */
export const text = (dice: Dice): string => {
  if (dice.chance(0.8)) return json(dice)
  return dice.chance(0.5) ? dice.pick(invalid) : json(dice) + dice.pick(invalid)
}
