/** Logs of tests. Effect 3 has layers that add and remove loggers instead of a set of them. */
import type * as Cause from "effect/Cause"
import type * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"

export const quiet: Layer.Layer<never> = Logger.layer([])

/** Hands over each message, as the list of its parts or as its only part. */
export const logsInto = (
  receive: (entry: { readonly message: unknown; readonly cause: Cause.Cause<unknown> }) => void
): Layer.Layer<never> => Logger.layer([Logger.make(receive)])

/** Every format of Effect, into one list, and the one for terminals on the console. */
export const everyFormatInto = (lines: Array<string>): Layer.Layer<never> => {
  const into = (logger: Logger.Logger<unknown, string>) =>
    Logger.map(logger, (line) => {
      lines.push(line)
    })
  return Logger.layer([
    into(Logger.formatJson),
    into(Logger.formatLogFmt),
    into(Logger.formatSimple),
    Logger.consolePretty({ colors: false, mode: "tty" })
  ])
}
