/** Terminals of tests. That of Effect 3 has other members. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Terminal from "effect/Terminal"

/** A terminal that receives these lines, one for each time that it is asked, and hands over what it shows. */
export const terminal = (
  lines: ReadonlyArray<string>,
  show: (text: string) => void
): Layer.Layer<Terminal.Terminal> => {
  const left = [...lines]
  return Layer.succeed(
    Terminal.Terminal,
    Terminal.make({
      columns: Effect.succeed(80),
      rows: Effect.succeed(24),
      size: Effect.die("no size"),
      readInput: Effect.die("no keys"),
      readLine: Effect.suspend(() => {
        const line = left.shift()
        return line === undefined ? Effect.die("no more lines") : Effect.succeed(line)
      }),
      display: (text) => Effect.sync(() => show(text))
    })
  )
}
