import { isObject, jsonText } from "../../internal/json.js"

/**
 * Keeps one copy of the parts that bodies have in common. The requests of an agent repeat its whole history; so all of
 * them together need little more memory than the last.
 *
 * @internal
 */
export class SharedParts {
  private readonly parts = new Map<string, unknown>()

  /** The body with the fields, and the elements of lists in fields, of the bodies before it. */
  of(body: unknown): unknown {
    if (!isObject(body)) return body
    return Object.fromEntries(
      Object.entries(body).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.map((item) => this.one(item)) : this.one(value)
      ])
    )
  }

  private one(part: unknown): unknown {
    if (typeof part !== "object" || part === null) return part
    const text = jsonText(part)
    const known = this.parts.get(text)
    if (known === undefined) this.parts.set(text, part)
    return known ?? part
  }
}
