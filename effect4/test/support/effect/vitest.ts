/** The tests of @effect/vitest for Effect 4, with properties of fast-check, as that for Effect 3 has them. */
import * as Vitest from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import * as FastCheck from "fast-check"
import { reasonOf } from "../../differences.js"
import { withoutWarning } from "./TestClock.js"

export * from "@effect/vitest"

type Arbitraries = ReadonlyArray<FastCheck.Arbitrary<unknown>>

type Values<As extends Arbitraries> = {
  readonly [K in keyof As]: As[K] extends FastCheck.Arbitrary<infer A> ? A : never
}

type Options = number | (Vitest.TestOptions & { readonly fastCheck?: FastCheck.Parameters<unknown> })

const parametersOf = (options: Options | undefined): FastCheck.Parameters<unknown> =>
  typeof options === "object" ? options.fastCheck ?? {} : {}

const timeoutOf = (options: Options | undefined): number | undefined =>
  typeof options === "object" ? options.timeout : options

const prop = <const As extends Arbitraries>(
  name: string,
  arbitraries: As,
  self: (values: Values<As>) => unknown,
  options?: Options
): void =>
  Vitest.it(
    name,
    () =>
      FastCheck.assert(
        FastCheck.property(FastCheck.tuple(...arbitraries), (values) => {
          // The arbitraries make these values
          const outcome = self(values as unknown as Values<As>)
          return outcome === false ? false : undefined
        }),
        parametersOf(options)
      ),
    timeoutOf(options)
  )

const effectProp = <const As extends Arbitraries, A, E>(
  name: string,
  arbitraries: As,
  self: (values: Values<As>) => Effect.Effect<A, E, Scope.Scope>,
  options?: Options
): void =>
  Vitest.it(
    name,
    () =>
      FastCheck.assert(
        FastCheck.asyncProperty(FastCheck.tuple(...arbitraries), (values) =>
          // The arbitraries make these values
          Effect.runPromise(Effect.asVoid(
            withoutWarning(self(values as unknown as Values<As>)).pipe(Effect.scoped, Effect.provide(TestClock.layer()))
          ))),
        parametersOf(options)
      ),
    timeoutOf(options)
  )

/** A function that makes tests, except those that are listed in `differences.ts`. */
const except = <F extends (name: string, ...rest: ReadonlyArray<never>) => unknown>(
  make: F,
  own: Readonly<Record<string, unknown>> = {}
): F =>
  new Proxy(make, {
    apply: (target, self, [name, ...rest]) =>
      reasonOf(name) === undefined ? Reflect.apply(target, self, [name, ...rest]) : Vitest.it.skip(name, () => {}),
    get: (target, key) => Object.hasOwn(own, key) ? own[String(key)] : Reflect.get(target, key)
  })

type Own = Omit<typeof Vitest.it, "effect" | "prop"> & {
  (name: string, test: () => unknown, timeout?: number): void
  (name: string, options: Vitest.TestOptions, test: () => unknown): void
  readonly effect: Omit<typeof Vitest.it.effect, "prop"> & typeof Vitest.it.effect & {
    readonly prop: typeof effectProp
  }
  readonly prop: typeof prop
}

/** As `it.effect`, with the clock of {@link withoutWarning}. */
const effect = new Proxy(Vitest.it.effect, {
  apply: (target, self, args: ReadonlyArray<unknown>) =>
    Reflect.apply(
      target,
      self,
      args.map((arg) => typeof arg === "function" ? (context: unknown) => withoutWarning(arg(context)) : arg)
    )
})

/** The tests as they are, but for their properties. */
export const it = except(Vitest.it, {
  prop: except(prop),
  effect: except(effect, { prop: except(effectProp) }),
  live: except(Vitest.it.live)
}) as unknown as Own // The proxy replaces what the type says
