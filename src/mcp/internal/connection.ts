/** A connection to a server: made when it is needed first, and made again when it broke. */
import { Client, SdkHttpError, type Transport as SdkTransport } from "@modelcontextprotocol/client"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as SynchronizedRef from "effect/SynchronizedRef"
import { failedTo, McpError } from "./errors.js"
import { type Authorization, makeAuthorization } from "./oauth/authorization.js"
import { McpLoginError } from "./oauth/errors.js"
import type { Transport } from "./transport.js"

/** @internal */
export interface Connection {
  /** Connects, if it is not. */
  readonly ready: Effect.Effect<void, McpError | McpLoginError>
  /**
   * One request to the server. If it asks for a login, and after one, the request is sent again. `isRepeatable` says whether it is
   * also sent again if the connection breaks meanwhile.
   */
  readonly request: <A>(
    what: string,
    send: (client: Client, signal: AbortSignal) => Promise<A>,
    isRepeatable: boolean
  ) => Effect.Effect<A, McpError | McpLoginError>
  /** How often the server has said that its tools changed, and how often the connection was made. */
  readonly changes: () => number
}

interface Open {
  readonly client: Client
  isOpen: boolean
  /** Whether the server can no longer say that its tools changed. */
  isDeaf: boolean
}

/** @internal */
export const makeConnection = (
  server: string,
  transport: Transport
): Effect.Effect<Connection, never, Scope.Scope> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const current = yield* SynchronizedRef.make<Open | undefined>(undefined)
    const authorization: Authorization | undefined = transport.oauth === undefined
      ? undefined
      : yield* makeAuthorization(server, transport.oauth)
    const recover = authorization?.recover ?? (() => Effect.succeed(false))
    let changes = 0
    let last: Open | undefined
    const close = Effect.suspend(() => {
      const client = last?.client
      return client === undefined ? Effect.void : Effect.ignore(Effect.tryPromise(() => client.close()))
    })
    yield* Scope.addFinalizer(scope, close)

    const attempt = Effect.gen(function*() {
      const client = new Client({ name: "effect-openrouter", version: "0.1.0" }, {
        versionNegotiation: { mode: transport.negotiates ? "auto" : "legacy" },
        listChanged: {
          tools: {
            autoRefresh: false,
            debounceMs: 0,
            onChanged: () => {
              changes++
            }
          }
        }
      })
      const open: Open = { client, isOpen: true, isDeaf: false }
      yield* close
      last = open
      const made = yield* Effect.tryPromise({
        try: () => Promise.resolve(transport.make(authorization?.fetch)),
        catch: (cause) => cause
      })
      // The SDK has no other listeners for them
      Object.assign(client, {
        onclose: () => {
          open.isOpen = false
        },
        onerror: (error: unknown) => {
          if (isSessionLost(error, made)) open.isOpen = false
          if (isStreamLost(error)) open.isDeaf = true
        }
      })
      yield* Effect.tryPromise({ try: (signal) => client.connect(made, { signal }), catch: (cause) => cause })
      // The SDK does not open it again
      void client.autoOpenedSubscription?.closed.then(() => {
        open.isDeaf = true
      })
      changes++
      return open
    })

    const failed = (what: string) => (cause: unknown): McpError | McpLoginError =>
      cause instanceof McpError || cause instanceof McpLoginError
        ? cause
        : failedTo(server, what, authorization?.scrub)(cause)

    /** Makes an attempt, and once more after a login or if that is allowed. */
    const withRecovery = <A>(
      what: string,
      attempt: Effect.Effect<A, unknown>,
      isAllowed: () => boolean
    ): Effect.Effect<A, McpError | McpLoginError> =>
      attempt.pipe(
        Effect.catchAll((cause) =>
          Effect.flatMap(
            recover(cause),
            (isRecovered) => isRecovered || isAllowed() ? attempt : Effect.fail(cause)
          )
        ),
        Effect.mapError(failed(what))
      )

    const open = SynchronizedRef.modifyEffect(current, (known) =>
      Effect.map(
        known?.isOpen === true ? Effect.succeed(known) : withRecovery("be connected", attempt, () => false),
        (open) => [open, open] as const
      ))

    return {
      // A server that cannot say it may have changed its tools at any time
      changes: () => last?.isDeaf === true ? ++changes : changes,
      ready: Effect.asVoid(open),
      request: (what, send, isRepeatable) =>
        Effect.suspend(() => {
          let used: Open | undefined
          const attempt = Effect.flatMap(open, (now) => {
            used = now
            return Effect.tryPromise({ try: (signal) => send(now.client, signal), catch: (cause) => cause })
          })
          return withRecovery(what, attempt, () => isRepeatable && used?.isOpen === false)
        })
    }
  })

/** Whether a server over HTTP does not know the session any more, for example because it was started again. */
const isSessionLost = (error: unknown, transport: SdkTransport): boolean =>
  error instanceof SdkHttpError && transport.sessionId !== undefined &&
  (error.status === 404 || error.status === 400 && /session/i.test(error.message))

/** Whether the transport gave up the stream that says what changed. */
const isStreamLost = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith("Maximum reconnection attempts")
