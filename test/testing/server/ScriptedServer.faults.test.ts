/** A script means the same in the process and behind a socket: the table of what every fault becomes. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import type * as OpenRouterClient from "../../../src/http/OpenRouterClient.js"
import { exponential } from "../../../src/http/Retry.js"
import * as ApiKeys from "../../../src/services/ApiKeys.js"
import * as Chat from "../../../src/services/Chat.js"
import * as MockHttpClient from "../../../src/testing/MockHttpClient.js"
import * as Script from "../../../src/testing/Script.js"
import * as ScriptedServer from "../../../src/testing/server/ScriptedServer.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { isOver } from "../../support/effect/fibers.js"

const chat = { model: "openai/gpt-5-nano", messages: [{ role: "user" as const, content: "Hi" }] }

interface Outcome {
  readonly tag: string
  readonly phase: string | undefined
  readonly code: string | number | undefined
  readonly partial: string | undefined
  /** How many requests arrived until the call gave up. */
  readonly requests: number
}

/** The fields of errors that the table compares. */
interface Failed {
  readonly _tag: string
  readonly phase?: string
  readonly code?: string | number | undefined
  readonly partial?: { readonly text?: string | undefined } | undefined
}

/** A call, and how its fault is scripted. */
interface Call {
  readonly turns: (turn: Script.Turn) => Parameters<typeof ScriptedServer.make>[0] & object
  readonly run: Effect.Effect<unknown, Failed, OpenRouterClient.OpenRouterClient>
}

const scripted = (turn: Script.Turn) => ({ turns: [Script.forever(turn)] })

const calls = {
  send: { turns: scripted, run: Chat.send(chat) },
  stream: { turns: scripted, run: Stream.runDrain(Chat.stream(chat)) },
  read: {
    turns: (turn) => ({ handlers: [MockHttpClient.route("GET", "/keys/{hash}", () => turn)] }),
    run: ApiKeys.get({ hash: "h" })
  },
  write: {
    turns: (turn) => ({ handlers: [MockHttpClient.route("POST", "/keys", () => turn)] }),
    run: ApiKeys.create({ name: "n" })
  }
} satisfies Record<string, Call>

const callNames = ["send", "stream", "read", "write"] as const

/** What hangs is given up after a time in which all else has long ended. */
const limits = (hangs: boolean) => ({
  retry: exponential({ maxRetries: 1, initialDelay: 0 }),
  timeout: hangs ? "3 seconds" : "1 minute",
  idleTimeout: hangs ? "1500 millis" : "30 seconds"
} as const)

/** How a call ends whose requests all meet the same fault. */
const outcomeOf = (
  run: Call["run"],
  requests: Effect.Effect<ReadonlyArray<unknown>>
): Effect.Effect<Outcome, unknown, OpenRouterClient.OpenRouterClient> =>
  Effect.gen(function*() {
    const error: Failed = yield* Effect.flip(run)
    return {
      tag: error._tag,
      phase: error.phase,
      code: error.code,
      partial: error.partial?.text,
      requests: (yield* requests).length
    }
  })

const inProcess = ({ run, turns }: Call, turn: Script.Turn, client: OpenRouterClient.Options) => {
  const { handlers, turns: script = [] } = turns(turn)
  return Effect.flatMap(TestModel.TestModel, ({ requests }) => outcomeOf(run, requests)).pipe(
    Effect.provide(TestModel.layer(script, { handlers, client }))
  )
}

const overSocket =
  (http: Layer.Layer<HttpClient.HttpClient>) =>
  ({ run, turns }: Call, turn: Script.Turn, client: OpenRouterClient.Options) =>
    Effect.flatMap(ScriptedServer.ScriptedServer, ({ requests }) => outcomeOf(run, requests)).pipe(
      Effect.provide(Layer.provide(ScriptedServer.layerClient({ ...turns(turn), client }), http))
    )

const ways = {
  "in the process": inProcess,
  "over fetch": overSocket(FetchHttpClient.layer),
  "over undici": overSocket(NodeHttpClient.layerUndici)
}

/** The error of every call, and how many requests it sends; `stream` alone has events, so that it can differ. */
interface Fault {
  readonly turn: Script.Turn
  readonly hangs?: true
  readonly error: Partial<Outcome>
  readonly stream?: Partial<Outcome>
  readonly requests: { readonly [name in keyof typeof calls]: number }
}

const broken = (phase: string, code: string) => ({ tag: "ConnectionError", phase, code })

/**
 * Who sends the request again: every call, only the one that changes nothing and costs nothing, or none. `timeout` is
 * the limit of all attempts together, so what hangs until then is sent once.
 */
const all = { send: 2, stream: 2, read: 2, write: 2 }
const reads = { send: 1, stream: 1, read: 2, write: 1 }
const none = { send: 1, stream: 1, read: 1, write: 1 }

const faults: Record<string, Fault> = {
  "a refused connection": {
    turn: Script.unreachable,
    error: broken("connect", "ECONNREFUSED"),
    requests: all
  },
  "a host that is not found": {
    turn: Script.unresolved,
    error: broken("connect", "ENOTFOUND"),
    requests: all
  },
  "a connection that takes too long": {
    turn: Script.connectTimeout,
    error: broken("connect", "UND_ERR_CONNECT_TIMEOUT"),
    requests: all
  },
  "a reset before the request": {
    turn: Script.resetBeforeRequest,
    error: broken("response", "ECONNRESET"),
    requests: reads
  },
  "a reset after the request": {
    turn: Script.resetAfterRequest,
    error: broken("response", "ECONNRESET"),
    requests: reads
  },
  "an end after the request": {
    turn: Script.closeAfterRequest,
    error: broken("response", "UND_ERR_SOCKET"),
    requests: reads
  },
  "headers that never come": {
    turn: Script.silent,
    hangs: true,
    error: { tag: "RequestTimeoutError" },
    requests: none
  },
  "a stall in the headers": {
    turn: Script.stallInHeaders,
    hangs: true,
    error: { tag: "RequestTimeoutError" },
    requests: none
  },
  "a redirect": {
    turn: Script.redirect("https://elsewhere.example/"),
    error: { tag: "OpenRouterDefaultError" },
    requests: none
  },
  "a reset before the first word": {
    turn: Script.turn([Script.reset]),
    error: broken("body", "ECONNRESET"),
    requests: reads
  },
  "a reset in the body": {
    turn: Script.turn(["Once", Script.reset]),
    error: broken("body", "ECONNRESET"),
    stream: { ...broken("body", "ECONNRESET"), partial: "Once" },
    requests: reads
  },
  "a stall in the body": {
    turn: Script.turn(["Once", Script.stall]),
    hangs: true,
    error: { tag: "RequestTimeoutError" },
    stream: { tag: "StreamStalledError", partial: "Once" },
    requests: none
  },
  "a status": { turn: Script.error(429), error: { tag: "TooManyRequestsResponseError" }, requests: all }
}

describe("the same script is the same error in the process and over a socket:", () => {
  for (const [fault, { error, hangs = false, requests, stream = error, turn }] of Object.entries(faults)) {
    it.live(fault, () =>
      Effect.forEach(callNames, (name) =>
        Effect.gen(function*() {
          const expected = { ...(name === "stream" ? stream : error), requests: requests[name] }
          const outcomes = yield* Effect.all(
            Object.values(ways).map((way) => way(calls[name], turn, limits(hangs))),
            { concurrency: "unbounded" }
          )
          for (const [i, way] of Object.keys(ways).entries()) {
            assert.deepStrictEqual(outcomes[i], outcomes[0], `${name} ${way}`)
            assert.deepInclude(outcomes[i], expected, `${name} ${way}`)
          }
        }), { concurrency: "unbounded", discard: true }))
  }
})

describe("a fault", () => {
  const ask = Effect.map(Chat.send(chat), Chat.text)

  it.live("is met once for its turn, and the next request gets the next turn", () =>
    Effect.gen(function*() {
      const turns = [
        Script.unreachable,
        () => Script.unresolved,
        Script.delayed(Script.unreachable, "1 millis"),
        "Hello"
      ]
      const patient = { retry: exponential({ maxRetries: 3, initialDelay: 0 }) }
      assert.strictEqual(yield* Effect.provide(ask, TestModel.layer(turns, { client: patient })), "Hello")
      const server = ScriptedServer.layerClient({ turns, client: patient })
      assert.strictEqual(yield* Effect.provide(ask, Layer.provide(server, FetchHttpClient.layer)), "Hello")
    }))

  it.live("before the request leaves a record without a body, after it one with the body", () =>
    Effect.gen(function*() {
      const turns = [Script.resetBeforeRequest, Script.resetAfterRequest]
      const bodies = <R extends OpenRouterClient.OpenRouterClient>(
        requests: Effect.Effect<ReadonlyArray<Script.RecordedRequest>, never, R>
      ) =>
        Effect.gen(function*() {
          yield* Effect.flip(ask)
          yield* Effect.flip(ask)
          return (yield* requests).map(({ body, headers }) => [body, headers["x-effect-openrouter-scripted"]])
        })
      const expected = [[undefined, undefined], [chat, undefined]]
      const once = { retry: false } as const
      const model = Effect.flatMap(TestModel.TestModel, ({ requests }) => bodies(requests))
      assert.deepStrictEqual(yield* Effect.provide(model, TestModel.layer(turns, { client: once })), expected)
      const server = Effect.flatMap(ScriptedServer.ScriptedServer, ({ requests }) => bodies(requests))
      const layer = Layer.provide(ScriptedServer.layerClient({ turns, client: once }), FetchHttpClient.layer)
      assert.deepStrictEqual(yield* Effect.provide(server, layer), expected)
    }))

  it.scopedLive("that no server can make resets the connection of another client", () =>
    Effect.gen(function*() {
      const server = yield* ScriptedServer.make({ turns: [Script.unreachable, Script.unresolved] })
      const post = Effect.tryPromise(() => fetch(`${server.url}/chat/completions`, { method: "POST", body: "{}" }))
      yield* Effect.flip(post)
      yield* Effect.flip(post)
      assert.deepStrictEqual((yield* server.requests).map(({ body }) => body), [{}, {}])
      assert.deepStrictEqual(yield* server.responses, { finished: 2, interrupted: 0, open: 0 })
    }))

  it.effect("that hangs lasts until the limit, by the Clock", () =>
    Effect.gen(function*() {
      for (let i = 1; i <= 2; i++) {
        const fiber = yield* Effect.fork(Effect.flip(ask))
        yield* TestModel.awaitRequests(i)
        yield* TestClock.adjust("9 minutes")
        assert.isFalse(isOver(fiber))
        yield* TestClock.adjust("1 minute")
        assert.strictEqual((yield* Fiber.join(fiber))._tag, "RequestTimeoutError")
      }
      yield* TestModel.awaitInterrupted(2)
    }).pipe(Effect.provide(TestModel.layer([Script.silent, Script.stallInHeaders], {
      client: { timeout: "10 minutes", retry: false }
    }))))
})
