/** Logs of tests. Effect 3 has layers that add and remove loggers instead of a set of them. */
import type * as Cause from "effect/Cause"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as References from "effect/References"

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

/** Writes logs of the level Debug, too. */
export const debugging: Layer.Layer<never> = Layer.succeed(References.MinimumLogLevel, "Debug")

/** The message of each log with its annotations. */
export const annotatedInto = (lines: Array<Readonly<Record<string, unknown>>>): Layer.Layer<never> =>
  Logger.layer([
    Logger.make(({ fiber, message }) => {
      lines.push({ message: String(message), ...fiber.getRef(References.CurrentLogAnnotations) })
    })
  ])
