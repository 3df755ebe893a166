import type { Snapshot } from "../../internal/jsonReader.js"
import { LongNumber } from "../../internal/longNumbers.js"
import { eachItem, eachValue, type Form, isObject, type Restoring } from "./jsonForm.js"

/**
 * Converts one value while it is written.
 *
 * @internal
 */
export interface GrowingForm {
  /**
   * The value in the form of the original schema. Undefined while it is too short to say what it becomes, and if it does
   * not begin as the schema says. A part that is closed is converted once.
   */
  readonly restore: (snapshot: Snapshot) => unknown
}

/** @internal */
export class Growing implements GrowingForm {
  private open: ReadonlySet<unknown> = new Set()
  /** The closed parts as they were converted. */
  private readonly closed = new WeakMap<object, { readonly by: object; readonly value: unknown }>()
  private readonly within: Restoring = {
    restore: (form, value) => this.part(form, value, () => form.restore(value, this.within)),
    anything: (value) =>
      this.part(this, value, () =>
        Array.isArray(value)
          ? eachItem(value, this.within.anything)
          : isObject(value)
          ? eachValue(value, this.within.anything)
          : value),
    isOpen: (value) => this.open.has(value)
  }

  constructor(private readonly form: Form) {}

  restore(snapshot: Snapshot): unknown {
    this.open = snapshot.open
    return this.form.begins(snapshot.value, true) ? this.within.restore(this.form, snapshot.value) : undefined
  }

  private part(by: object, value: unknown, convert: () => unknown): unknown {
    if (typeof value !== "object" || value === null || value instanceof LongNumber) {
      const converted = convert()
      return converted instanceof LongNumber ? converted.plain : converted
    }
    if (this.open.has(value)) return convert()
    const known = this.closed.get(value)
    if (known?.by === by) return known.value
    const converted = convert()
    this.closed.set(value, { by, value: converted })
    return converted
  }
}
