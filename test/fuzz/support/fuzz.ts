/** Runs cases and finds those with an outcome that is not allowed. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { quiet } from "../../support/effect/logs.js"
import { errorsIn } from "../../support/effect/tracing.js"
import { dice } from "./dice.js"
import type { Seeds } from "./seeds.js"
import { targets } from "./targets.js"

export interface Finding {
  readonly target: string
  readonly seed: string
  readonly problem: string
  readonly input: string
}

export interface Report {
  /** How often each target had each outcome: `valid`, or the tag of an error. */
  readonly outcomes: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly findings: ReadonlyArray<Finding>
}

/** The names of everything that objects inherit from JavaScript, as text. */
const prototypes = (): string =>
  [Object.prototype, Array.prototype, Function.prototype].flatMap((prototype) => Reflect.ownKeys(prototype).map(String))
    .join()

const inherited = prototypes()

const tagOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error) || !("_tag" in error) || typeof error._tag !== "string") return undefined
  return error.message === "" ? undefined : error._tag
}

/** The outcome of a case, with the problem if it is not allowed. */
const judge = (exit: Exit.Exit<unknown, unknown>): { readonly outcome: string; readonly problem?: string } => {
  if (Exit.isSuccess(exit)) return { outcome: "valid" }
  const failures = errorsIn(exit.cause)
  const [tag] = failures.map(tagOf)
  if (failures.length !== 1 || Cause.isDie(exit.cause) || Cause.isInterrupted(exit.cause) || tag === undefined) {
    return { outcome: "defect", problem: Cause.pretty(exit.cause).slice(0, 2000) }
  }
  return { outcome: tag }
}

/** A case that takes longer counts as a hang. */
const limit = "10 seconds"

/** Runs `count` cases of each target. Each case has a seed that repeats it. */
export const fuzz = (
  seed: string,
  count: number,
  seeds: Seeds,
  names: ReadonlyArray<string> = Object.keys(targets),
  from = 0
): Effect.Effect<Report> =>
  Effect.gen(function*() {
    const outcomes: Record<string, Record<string, number>> = {}
    const findings: Array<Finding> = []
    for (const target of names) {
      const make = targets[target]
      if (make === undefined) return yield* Effect.die(new Error(`no target ${target}`))
      const ends: Record<string, number> = {}
      outcomes[target] = ends
      for (let index = from; index < from + count; index++) {
        const own = `${seed}/${index}`
        const { input, run } = make(dice(own), seeds)
        const exit = yield* Effect.exit(Effect.timeoutFail(run, { duration: limit, onTimeout: () => "a hang" }))
        const { outcome, problem } = judge(exit)
        ends[outcome] = (ends[outcome] ?? 0) + 1
        const found = problem ?? (prototypes() !== inherited ? "a prototype has changed" : undefined)
        if (found !== undefined) findings.push({ target, seed: own, problem: found, input: input.slice(0, 2000) })
      }
    }
    return { outcomes, findings }
  }).pipe(Effect.provide(quiet))
