import * as Effect from "effect/Effect"
import type { InvalidRequestError } from "../../http/OpenRouterError.js"
import type { Options } from "../AgentOptions.js"
import type { Decision } from "../Steps.js"
import { invalid } from "./prepare.js"

/**
 * What was decided about a call so far: one word on whether to carry it out, and the answer that it waited for.
 *
 * @internal
 */
export interface Decided {
  readonly verdict?: Exclude<Decision, { readonly _tag: "answer" }> | undefined
  readonly answer?: Extract<Decision, { readonly _tag: "answer" }> | undefined
}

/**
 * The decisions about the calls of a run. A later one about the same call replaces an earlier one.
 *
 * @internal
 */
export class Decisions {
  private readonly decided = new Map<string, Decided>()

  of(callId: string): Decided {
    return this.decided.get(callId) ?? {}
  }

  add(callId: string, decision: Decision): void {
    const before = this.of(callId)
    this.decided.set(
      callId,
      decision._tag === "answer" ? { ...before, answer: decision } : { ...before, verdict: decision }
    )
  }
}

/**
 * The decisions in the options of a run; each has to be about a call that is pending, or was when the run was tried
 * before.
 *
 * @internal
 */
export const decisionsIn = (
  options: Options,
  pending: ReadonlySet<string>,
  repeatable: ReadonlySet<string>
): Effect.Effect<ReadonlyArray<readonly [callId: string, decision: Decision]>, InvalidRequestError> =>
  Effect.gen(function*() {
    const found: Array<readonly [string, Decision]> = []
    const take = (option: "approve" | "reject" | "answer", callId: string, decision: Decision) => {
      if (!pending.has(callId)) {
        if (repeatable.has(callId)) return Effect.void
        return invalid(option, `no call "${callId}" is pending. Take the ids from \`pending\` of the run before`)
      }
      if (option === "reject" && options.approve?.includes(callId)) {
        return invalid(option, `the call "${callId}" is approved as well`)
      }
      found.push([callId, decision])
      return Effect.void
    }
    for (const callId of options.approve ?? []) yield* take("approve", callId, { _tag: "approve" })
    for (const rejected of options.reject ?? []) {
      const { callId, reason } = typeof rejected === "string" ? { callId: rejected, reason: undefined } : rejected
      yield* take("reject", callId, reason === undefined ? { _tag: "reject" } : { _tag: "reject", reason })
    }
    for (const [callId, value] of Object.entries(options.answer ?? {})) {
      yield* take("answer", callId, { _tag: "answer", value })
    }
    return found
  })
