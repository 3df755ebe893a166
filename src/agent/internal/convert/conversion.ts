/**
 * The result of a conversion between message formats: the value, and a list of what the target format cannot express.
 *
 * @since 0.1.0
 */

/**
 * The kind of a loss.
 *
 * - `content`: content for the model, such as an image, a citation or signed reasoning.
 * - `form`: the content is present in another form or place.
 * - `setting`: a setting for the provider, such as a lifetime in the cache.
 * - `label`: an id, status or index without references.
 *
 * @since 0.1.0
 * @category models
 */
export type Loss = "content" | "form" | "setting" | "label"

/**
 * A part of the input that the target format cannot express: its path in the input (`2.content.0.source`), its value, and
 * the reason.
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
 * A converted value, and everything that it lacks or that has another form in it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Conversion<out A> {
  readonly value: A
  readonly unsupported: ReadonlyArray<Unsupported>
}

/**
 * Whether the model reads the same content: at most labels are missing.
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

const isPresent = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)

const child = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined

/**
 * Collects the losses of a conversion. `null` and empty lists are no loss.
 *
 * @internal
 */
export class Report {
  readonly unsupported: Array<Unsupported> = []

  constructor(private readonly input: unknown) {}

  add(loss: Loss, path: string, value: unknown, reason: string): void {
    if (isPresent(value)) this.unsupported.push({ path, loss, reason, value })
  }

  /** Reports the value at a path of the input. */
  lose(loss: Loss, path: string, reason: string): void {
    this.add(loss, path, path.split(".").reduce(child, this.input), reason)
  }

  /** Reports all fields of an object that its reader does not know. */
  rest(object: object, path: string, known: ReadonlyArray<string>, losses: Readonly<Record<string, Loss>> = {}): void {
    for (const [key, value] of Object.entries(object)) {
      if (known.includes(key)) continue
      this.add(losses[key] ?? "content", `${path}.${key}`, value, `no other format has "${key}" here`)
    }
  }
}
