/** Logs of tests. Effect 4 has a set of loggers instead of layers that add and remove them. */
import type * as Cause from "effect/Cause"
import * as HashMap from "effect/HashMap"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"

export const quiet: Layer.Layer<never> = Logger.remove(Logger.defaultLogger)

/** Hands over each message, as the list of its parts or as its only part. */
export const logsInto = (
  receive: (entry: { readonly message: unknown; readonly cause: Cause.Cause<unknown> }) => void
): Layer.Layer<never> => Logger.replace(Logger.defaultLogger, Logger.make(receive))

/** Every format of Effect, into one list, and the one for terminals on the console. */
export const everyFormatInto = (lines: Array<string>): Layer.Layer<never> => {
  const into = (logger: Logger.Logger<unknown, string>) =>
    Logger.map(logger, (line) => {
      lines.push(line)
    })
  return Layer.mergeAll(
    quiet,
    Logger.add(into(Logger.jsonLogger)),
    Logger.add(into(Logger.logfmtLogger)),
    Logger.add(into(Logger.stringLogger)),
    Logger.add(Logger.prettyLogger({ colors: false, mode: "tty" }))
  )
}

/** Writes logs of the level Debug, too. */
export const debugging: Layer.Layer<never> = Logger.minimumLogLevel(LogLevel.Debug)

/** The message of each log with its annotations. */
export const annotatedInto = (lines: Array<Readonly<Record<string, unknown>>>): Layer.Layer<never> =>
  Logger.replace(
    Logger.defaultLogger,
    Logger.make(({ annotations, message }) => {
      lines.push({ message: String(message), ...Object.fromEntries(HashMap.toEntries(annotations)) })
    })
  )
