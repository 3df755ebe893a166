/**
 * The login of a program that runs on the user's own machine: a server on 127.0.0.1 lives as long as the login and
 * receives its callback.
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
import { readCallback } from "../internal/oauthCallback.js"
import { timeLimit } from "../internal/timeLimits.js"
import * as OAuth from "../services/OAuth.js"
import { sendPage } from "./internal/page.js"

/**
 * The server cannot listen on the port of the callback. `code` is the error code of the system, such as `EADDRINUSE`.
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
 * The callback did not arrive within `timeout`.
 *
 * @since 0.1.0
 * @category errors
 */
export class LoginTimeoutError extends Schema.TaggedError<LoginTimeoutError>()("LoginTimeoutError", {
  message: Schema.String,
  timeout: Schema.DurationFromMillis
}) {}

/**
 * Options of the login, and of the server that receives its callback.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends Omit<OAuth.LoginOptions, "callbackUrl"> {
  /** The port of the callback. A free one by default, which OpenRouter accepts. */
  readonly port?: number | undefined
  /** The path of the callback. Default `/callback`. */
  readonly path?: string | undefined
  /** How long to wait for the user. Default: 5 minutes; a code is valid for ten. */
  readonly timeout?: Duration.DurationInput | undefined
}

/**
 * A login, and the server that waits for its callback.
 *
 * @since 0.1.0
 * @category models
 */
export interface Listening {
  /** The login; the user must open its `url`. */
  readonly login: OAuth.PendingLogin
  /** Waits for the URL of the callback, for `OAuth.complete`. */
  readonly callback: Effect.Effect<string, LoginTimeoutError>
}

/**
 * Starts a login, and a server on 127.0.0.1 that waits for its callback until the scope closes. The server accepts one
 * callback, with the state of this login and a code or an error, and tells the user to return to the program. It rejects
 * all other requests and continues to wait: without this state, to another host, or by a page of another site.
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
    yield* checkPath(path)
    const state = options.state ?? (yield* randomText(16))
    const received = yield* Deferred.make<string>()
    const receiver = makeReceiver(path, state, (path) => Deferred.unsafeDone(received, Effect.succeed(path)))
    const server = Http.createServer(receiver.receive)
    const bound = yield* Effect.acquireRelease(bind(server, port), () => close(server))
    const origin = `http://127.0.0.1:${bound}`
    const within = Duration.decode(timeout)
    return {
      login: yield* OAuth.start({ ...login, state, callbackUrl: origin + path }),
      callback: timeLimit(
        Effect.map(Deferred.await(received), (path) => origin + path),
        within,
        () => timedOut(within, receiver.refused())
      )
    }
  })

/**
 * The whole login: listens, has `open` show the URL to the user or open their browser, waits for the callback,
 * closes the server, and exchanges the code for the user's key. Interrupted, it closes the server too.
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
    return { login, url: yield* callback }
  }).pipe(
    Effect.scoped,
    Effect.flatMap(({ login, url }) => OAuth.complete(login, url))
  )
}

/**
 * A redirect to this machine, for a login at any server: `login` of `Mcp.http`. A server on 127.0.0.1 lives until the scope closes.
 * `authorize` has `open` show the page to the user or open their browser, and waits for the redirect with the `state` of the page.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Console } from "effect"
 * import { OAuthLoopback } from "effect-openrouter/node"
 *
 * const login = OAuthLoopback.redirect({ open: (url) => Console.log(`Open this page to log in:\n${url}`) })
 * ```
 */
export const redirect = <E>(
  options: Pick<Options, "port" | "path" | "timeout"> & {
    /** What to do with the URL: print it, or open a browser. */
    readonly open: (url: string) => Effect.Effect<unknown, E>
  }
): Effect.Effect<
  {
    readonly redirectUrl: string
    readonly authorize: (url: string) => Effect.Effect<string, E | LoginTimeoutError>
  },
  LoginPortError | InvalidRequestError,
  Scope.Scope
> =>
  Effect.gen(function*() {
    const { open, path = "/callback", port = 0, timeout = "5 minutes" } = options
    yield* checkPath(path)
    const server = Http.createServer()
    const bound = yield* Effect.acquireRelease(bind(server, port), () => close(server))
    const origin = `http://127.0.0.1:${bound}`
    return {
      redirectUrl: origin + path,
      authorize: (page) =>
        Effect.gen(function*() {
          const received = yield* Deferred.make<string>()
          // Without a state, no redirect can belong to the login
          const state = new URL(page).searchParams.get("state") ?? (yield* randomText(16))
          const receiver = makeReceiver(path, state, (path) => Deferred.unsafeDone(received, Effect.succeed(path)))
          server.removeAllListeners("request").on("request", receiver.receive)
          yield* open(page)
          const within = Duration.decode(timeout)
          return yield* timeLimit(
            Effect.map(Deferred.await(received), (path) => origin + path),
            within,
            () => timedOut(within, receiver.refused())
          )
        })
    }
  })

const checkPath = (path: string): Effect.Effect<void, InvalidRequestError> =>
  /^\/([^/?#][^?#]*)?$/.test(path)
    ? Effect.void
    : new InvalidRequestError({
      parameter: "path",
      message: "OAuth login: the path of the callback must start with one slash and have no query, such as /callback"
    })

/** Passes on the first callback that belongs to the login, and counts those with another state. */
const makeReceiver = (path: string, state: string, emit: (url: string) => void) => {
  let answered = false
  let refused = 0
  const receive = (request: Http.IncomingMessage, response: Http.ServerResponse): void => {
    const { method, url = "" } = request
    if (url.split("?")[0] !== path) return sendPage(response, 404, "This page does not exist.")
    if (isMisdirected(request)) return sendPage(response, 421, "This address belongs to a program on this machine.")
    if (isProbe(request)) return sendPage(response, 403, "A login comes back by a redirect of the whole page.")
    if (method !== "GET") return sendPage(response, 405, "A login comes back with GET.")
    if (answered) return sendPage(response, 410, "This login is already complete.")
    switch (readCallback(url, state, { strict: true })._tag) {
      case "StateMismatch":
        refused++
        return sendPage(response, 400, "This callback does not belong to the login that is waiting here.")
      case "CodeMissing":
        return sendPage(response, 400, "This callback has no code.")
      case "Rejected":
      case "Code": {
        answered = true
        // passing the callback on closes the server, so the page is sent first
        response.once("close", () => emit(url))
        return sendPage(response, 200, "You can close this page and go back to the program.")
      }
    }
  }
  return { receive, refused: () => refused }
}

/** Whether a request names another host than ours: the name of a foreign page may point to this machine. */
const isMisdirected = ({ headers, socket }: Http.IncomingMessage): boolean =>
  headers.host !== new URL(`http://127.0.0.1:${socket.localPort}`).host

/** Whether a page of another site requests the callback in place of the user's browser: as an image or with a script. */
const isProbe = ({ headers }: Http.IncomingMessage): boolean =>
  (headers["sec-fetch-site"] ?? "none") !== "none" && (headers["sec-fetch-mode"] ?? "navigate") !== "navigate"

const timedOut = (timeout: Duration.Duration, refused: number): LoginTimeoutError =>
  new LoginTimeoutError({
    timeout,
    message: `OAuth login: no callback arrived within ${Duration.format(timeout)}. Start the login again.` +
      (refused === 0 ? "" : ` Callbacks that were rejected because their state differs: ${refused}.`)
  })

const bind = (server: Http.Server, port: number): Effect.Effect<number, LoginPortError> =>
  Effect.async((resume) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      resume(
        new LoginPortError({
          port,
          code: error.code,
          message:
            `OAuth login: the server cannot listen on port ${port} of 127.0.0.1 (${error.code ?? error.message}). ` +
            "Choose another port, or omit it to use a free one."
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
