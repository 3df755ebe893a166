import type { Loss, Unsupported } from "../../Conversion.js"

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
