/** The material of the cases: responses of the test kit, and recorded ones if the fixture is present. */
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { traffic } from "../../../scripts/fixtures/fixtures.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"

export interface Seeds {
  readonly streams: readonly [string, ...ReadonlyArray<string>]
  readonly bodies: readonly [string, ...ReadonlyArray<string>]
}

const talkative = Script.turn([
  Script.reasoning(["Hm, ", "well."], { signature: "sig" }),
  Script.text(["Some ", "words"]),
  Script.toolCall("find", { city: "Paris", days: [1, 2] }, { fragments: 3 }),
  Script.toolCall("find", { city: "Rome" })
], { cost: 0.01, usage: { inputTokens: 3, outputTokens: 4 } })

const turns = [talkative, Script.turn("Words"), Script.turn(["Half", Script.fail(502)])]

const paths = ["/chat/completions", "/responses", "/messages"]

const written: Effect.Effect<Seeds> = Effect.gen(function*() {
  const client = yield* HttpClient.HttpClient
  const ask = (path: string, stream: boolean) =>
    client.post(`https://openrouter.ai/api/v1${path}`, {
      body: HttpBody.unsafeJson({ model: "a/b", messages: [], input: "Hi", max_tokens: 9, stream })
    }).pipe(Effect.flatMap((response) => response.text))
  const all = (stream: boolean) => Effect.forEach(paths, (path) => Effect.forEach(turns, () => ask(path, stream)))
  const [first = "", ...streams] = (yield* all(true)).flat()
  const [one = "", ...bodies] = (yield* all(false)).flat()
  return { streams: [first, ...streams], bodies: [one, ...bodies] } as const
}).pipe(Effect.provide(TestModel.layer(paths.flatMap(() => [...turns, ...turns]).slice(0, 18))), Effect.orDie)

const folder = dirname(traffic.path)

/** Long recordings would slow down all cases and find no more than short ones. */
const longest = 20_000

const recorded = (kind: string): ReadonlyArray<string> =>
  traffic.isPresent
    ? readdirSync(folder).filter((name) => name.endsWith(kind) && name !== "index.json").sort()
      .map((name) => readFileSync(join(folder, name), "utf8")).filter((text) => text.length < longest)
    : []

/** All seeds, with the number of recorded ones. */
export const seeds: Effect.Effect<Seeds & { readonly recorded: number }> = Effect.map(written, (written) => {
  const streams = recorded(".sse")
  const bodies = recorded(".json")
  return {
    streams: [...written.streams, ...streams],
    bodies: [...written.bodies, ...bodies],
    recorded: streams.length + bodies.length
  }
})
