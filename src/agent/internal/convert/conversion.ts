/**
 * What a conversion between message formats gives: the converted value, and a list of what the target format cannot say.
 *
 * @since 0.1.0
 */

/**
 * What is missing where something could not be carried.
 *
 * - `content`: something the model would have read, such as an image, a citation or a signed thought.
 * - `form`: it is there, but as something else or somewhere else.
 * - `setting`: how the provider should treat it, such as a lifetime in the cache.
 * - `label`: an id, status or index that nothing refers to.
 *
 * @since 0.1.0
 * @category models
 */
export type Loss = "content" | "form" | "setting" | "label"

/**
 * One thing that the target format cannot say: where it stands in the input (`2.content.0.source`), its value as it came,
 * and why it was not carried.
 *
 * @since 0.1.0
 * @category models
 */
export interface Unsupported {
  readonly path: string
  readonly loss: Loss
  readonly reason: string
  readonly value: unknown
}

/**
 * A converted value with everything that is not in it, or not as it was.
 *
 * @since 0.1.0
 * @category models
 */
export interface Conversion<out A> {
  readonly value: A
  readonly unsupported: ReadonlyArray<Unsupported>
}

/**
 * Whether the model reads the same: nothing is missing but labels.
 *
 * @example
 * ```ts
 * import { Convert } from "effect-openrouter"
 *
 * const items = Convert.fromChatMessages([{ role: "user", content: "Hello", name: "Ada" }])
 * console.log(Convert.isFaithful(items)) // false: responses items have no names
 * ```
 *
 * @since 0.1.0
 * @category guards
 */
export const isFaithful = (conversion: Conversion<unknown>): boolean =>
  conversion.unsupported.every(({ loss }) => loss === "label")

const says = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)

const step = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined

/**
 * Collects what a conversion cannot carry. `null` and empty lists say nothing, so nobody misses them.
 *
 * @internal
 */
export class Report {
  readonly unsupported: Array<Unsupported> = []

  constructor(private readonly input: unknown) {}

  add(loss: Loss, path: string, value: unknown, reason: string): void {
    if (says(value)) this.unsupported.push({ path, loss, reason, value })
  }

  /** Reports the value that stands at a path of the input. */
  lose(loss: Loss, path: string, reason: string): void {
    this.add(loss, path, path.split(".").reduce(step, this.input), reason)
  }

  /** Reports the fields of an object that its reader does not know, so that none is passed over. */
  rest(object: object, path: string, known: ReadonlyArray<string>, losses: Readonly<Record<string, Loss>> = {}): void {
    for (const [key, value] of Object.entries(object)) {
      if (known.includes(key)) continue
      this.add(losses[key] ?? "content", `${path}.${key}`, value, `no other format has "${key}" here`)
    }
  }
}
