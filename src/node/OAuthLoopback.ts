/**
 * The login of a program that runs on the user's own machine: a server on 127.0.0.1 lives as long as the login and
 * takes the one answer that belongs to it.
 *
 * @since 0.1.0
 */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Http from "node:http"
import type { OpenRouterClient } from "../http/OpenRouterClient.js"
import { InvalidRequestError } from "../http/OpenRouterError.js"
import { randomText } from "../internal/crypto.js"
import { timeLimit } from "../internal/timeLimits.js"
import * as OAuth from "../services/OAuth.js"
import { readCallback } from "../services/oauthCallback.js"
import { sendPage } from "./internal/page.js"

/**
 * The port for the callback cannot be listened on. `code` is the system's word for why, such as `EADDRINUSE`.
 *
 * @since 0.1.0
 * @category errors
 */
export class LoginPortError extends Schema.TaggedError<LoginPortError>()("LoginPortError", {
  message: Schema.String,
  port: Schema.Number,
  code: Schema.optional(Schema.String)
}) {}

/**
 * Nobody came back from the login page within `timeout`.
 *
 * @since 0.1.0
 * @category errors
 */
export class LoginTimeoutError extends Schema.TaggedError<LoginTimeoutError>()("LoginTimeoutError", {
  message: Schema.String,
  timeout: Schema.DurationFromMillis
}) {}

/**
 * Options of the login, and of the server that waits for its answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends Omit<OAuth.LoginOptions, "callbackUrl"> {
  /** The port of the callback. A free one by default, which OpenRouter accepts. */
  readonly port?: number | undefined
  /** The path of the callback. Default `/callback`. */
  readonly path?: string | undefined
  /** How long to wait for the user. Default 5 minutes; a code lives for ten. */
  readonly timeout?: Duration.DurationInput | undefined
}

/**
 * A login whose answer a server waits for.
 *
 * @since 0.1.0
 * @category models
 */
export interface Listening {
  /** The login; its `url` is what the user has to open. */
  readonly login: OAuth.PendingLogin
  /** Waits for the URL that the user comes back with, for `OAuth.complete`. */
  readonly callback: Effect.Effect<string, LoginTimeoutError>
}

/**
 * Starts a login, and a server on 127.0.0.1 that waits for its answer until the scope closes. The server takes one
 * answer, a code with the state of this login or a refusal, and sends the user back to the program. Whatever else
 * reaches it is turned away, and it goes on waiting.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { OAuth } from "effect-openrouter"
 * import { OAuthLoopback } from "effect-openrouter/node"
 *
 * // Whichever comes first: the browser on this machine, or the URL of a browser elsewhere, pasted by hand
 * const login = (show: (url: string) => Effect.Effect<void>, pasted: Effect.Effect<string>) =>
 *   Effect.scoped(Effect.gen(function*() {
 *     const { callback, login } = yield* OAuthLoopback.listen({ keyLabel: "My tool" })
 *     yield* show(login.url)
 *     return yield* OAuth.complete(login, yield* Effect.raceFirst(callback, pasted))
 *   }))
 * ```
 */
export const listen = (
  options: Options = {}
): Effect.Effect<Listening, LoginPortError | InvalidRequestError | OAuth.InsecureContextError, Scope.Scope> =>
  Effect.gen(function*() {
    const { path = "/callback", port = 0, timeout = "5 minutes", ...login } = options
    if (!/^\/([^/?#][^?#]*)?$/.test(path)) {
      return yield* new InvalidRequestError({
        parameter: "path",
        message: "OAuth login: the path of the callback must start with one slash and have no query"
      })
    }
    const state = options.state ?? (yield* randomText(16))
    const answered = yield* Deferred.make<string>()
    const desk = makeDesk(path, state, (answer) => Deferred.unsafeDone(answered, Effect.succeed(answer)))
    const server = Http.createServer(desk.receive)
    const bound = yield* Effect.acquireRelease(bind(server, port), () => close(server))
    const origin = `http://127.0.0.1:${bound}`
    const within = Duration.decode(timeout)
    return {
      login: yield* OAuth.start({ ...login, state, callbackUrl: origin + path }),
      callback: timeLimit(
        Effect.map(Deferred.await(answered), (answer) => origin + answer),
        within,
        () => timedOut(within, desk.refused())
      )
    }
  })

/**
 * The whole login: listens, has `open` show the URL to the user or open their browser, waits for the answer, closes
 * the server, and exchanges the code for the user's key. Interrupted, it closes the server too.
 *
 * @since 0.1.0
 * @category login
 * @example
 * ```ts
 * import { Console, Effect } from "effect"
 * import { Chat, OpenRouterClient } from "effect-openrouter"
 * import { OAuthLoopback } from "effect-openrouter/node"
 *
 * const program = Effect.gen(function*() {
 *   const { key } = yield* OAuthLoopback.login({
 *     keyLabel: "My tool",
 *     open: (url) => Console.log(`Open this page to log in:\n${url}`)
 *   })
 *   return yield* Chat.send({ model: "openai/gpt-5-nano", messages: [{ role: "user", content: "Hi" }] }).pipe(
 *     OpenRouterClient.withOptions({ apiKey: key })
 *   )
 * })
 * ```
 */
export const login = <E, R>(
  options: Options & {
    /** What to do with the URL: print it, or open a browser. */
    readonly open: (url: string) => Effect.Effect<unknown, E, R>
  }
): Effect.Effect<
  OAuth.Credentials,
  | E
  | LoginPortError
  | LoginTimeoutError
  | InvalidRequestError
  | OAuth.InsecureContextError
  | OAuth.LoginError
  | OAuth.ExchangeError,
  OpenRouterClient | R
> => {
  const { open, ...rest } = options
  return Effect.gen(function*() {
    const { callback, login } = yield* listen(rest)
    yield* open(login.url)
    return { login, answer: yield* callback }
  }).pipe(
    Effect.scoped,
    Effect.flatMap(({ answer, login }) => OAuth.complete(login, answer))
  )
}

/** Receives the callbacks, hands on the first one that belongs to the login, and counts those of other logins. */
const makeDesk = (path: string, state: string, hand: (answer: string) => void) => {
  let answered = false
  let refused = 0
  const receive = (request: Http.IncomingMessage, response: Http.ServerResponse): void => {
    const { method, url = "" } = request
    if (url.split("?")[0] !== path) return sendPage(response, 404, "There is nothing here.")
    if (method !== "GET") return sendPage(response, 405, "A login comes back with GET.")
    if (answered) return sendPage(response, 410, "This login was answered before.")
    switch (readCallback(url, state)._tag) {
      case "StateMismatch":
        refused++
        return sendPage(response, 400, "This is not the answer to the login that is waiting here.")
      case "CodeMissing":
        return sendPage(response, 400, "There is no code in this answer.")
      case "Rejected":
      case "Code": {
        answered = true
        // the server goes when the answer is handed on, so the page goes first
        response.once("close", () => hand(url))
        return sendPage(response, 200, "You can close this page and go back to the program.")
      }
    }
  }
  return { receive, refused: () => refused }
}

const timedOut = (timeout: Duration.Duration, refused: number): LoginTimeoutError =>
  new LoginTimeoutError({
    timeout,
    message: `Nobody came back from the login page within ${Duration.format(timeout)}. Start the login again.` +
      (refused === 0 ? "" : ` Callbacks refused because their state was not this login's: ${refused}.`)
  })

const bind = (server: Http.Server, port: number): Effect.Effect<number, LoginPortError> =>
  Effect.async((resume) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      resume(
        new LoginPortError({
          port,
          code: error.code,
          message: `Port ${port} of 127.0.0.1 cannot be listened on (${error.code ?? error.message}). ` +
            "Choose another, or leave it out to get a free one."
        })
      ))
    server.listen(port, "127.0.0.1", () => {
      const address = server.address()
      resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : port))
    })
  })

const close = (server: Http.Server): Effect.Effect<void> =>
  Effect.async((resume) => {
    server.close(() => resume(Effect.void))
    server.closeAllConnections()
  })
