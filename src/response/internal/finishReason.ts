import { type Draft, setField } from "./fields.js"

const tellsOfCalls = /^(tool_?calls?|tool_?use|function_?calls?)$/i
const plainEnd = /^(stop|end_turn|completed?|finished|done|eos|eos_token|stop_sequence)$/i

/**
 * The reasons why a response ended, by field. Some providers send two: one that tells of tool calls, and a plain end
 * after it. The first counts if there are calls; otherwise the later reason does.
 *
 * @internal
 */
export class FinishReasons {
  private readonly ofCalls = new Map<string, string>()

  constructor(private readonly fields: ReadonlyArray<string>) {}

  /** Call before the fields of the event are set. */
  add(source: { readonly [key: string]: unknown }): void {
    for (const field of this.fields) {
      const reason = source[field]
      if (typeof reason === "string" && tellsOfCalls.test(reason)) this.ofCalls.set(field, reason)
    }
  }

  /** Restores the reasons that tell of calls. */
  apply(fields: Draft): void {
    for (const [field, reason] of this.ofCalls) {
      const known = fields[field]
      if (typeof known === "string" && plainEnd.test(known)) setField(fields, field, reason)
    }
  }
}

/**
 * Whether a value is a reason for an end.
 *
 * @internal
 */
export const isReason = (reason: unknown): boolean => typeof reason === "string" && reason.trim() !== ""
