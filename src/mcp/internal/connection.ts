/** A connection to a server: made when it is needed first, and made again when it broke. */
import { Client } from "@modelcontextprotocol/client"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as SynchronizedRef from "effect/SynchronizedRef"
import { failedTo, type McpError } from "./errors.js"
import type { Transport } from "./transport.js"

/** @internal */
export interface Connection {
  /** The client, which is connected. */
  readonly client: Effect.Effect<Client, McpError>
  /** How often the server has said that its tools changed, and how often the connection was made. */
  readonly changes: () => number
}

interface Open {
  readonly client: Client
  isOpen: boolean
}

/** @internal */
export const makeConnection = (
  server: string,
  transport: Transport
): Effect.Effect<Connection, never, Scope.Scope> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const current = yield* SynchronizedRef.make<Open | undefined>(undefined)
    let changes = 0
    const connect = Effect.gen(function*() {
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
      const open = { client, isOpen: true }
      // The SDK has no other listener for it
      Object.assign(client, {
        onclose: () => {
          open.isOpen = false
        }
      })
      yield* Scope.addFinalizer(scope, Effect.ignore(Effect.tryPromise(() => client.close())))
      yield* Effect.tryPromise({
        try: (signal) => Promise.resolve(transport.make()).then((made) => client.connect(made, { signal })),
        catch: failedTo(server, "be connected")
      })
      changes++
      return open
    })
    return {
      changes: () => changes,
      client: SynchronizedRef.modifyEffect(current, (known) =>
        Effect.map(
          known?.isOpen === true ? Effect.succeed(known) : connect,
          (open) => [open.client, open] as const
        ))
    }
  })
