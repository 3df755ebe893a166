/** What a user writes in CommonJS, also for a Node that cannot require ES modules. */
const assert = require("node:assert/strict")
const { Effect } = require("effect")
const { Chat, OpenRouterError } = require("effect-openrouter")
const { Endpoint } = require("effect-openrouter/extend")
const { NodeClient } = require("effect-openrouter/node")
const { send } = require("effect-openrouter/services/Chat")
const { Script, TestModel } = require("effect-openrouter/testing")

assert.equal(Chat.send, send)
assert.equal(typeof Endpoint.json, "function")
assert.equal(typeof NodeClient.layer, "function")

const ask = Chat.send({ model: "openai/gpt-5-nano", messages: [{ role: "user", content: "Hi" }] })
const script = [Script.text("Hello"), Script.error(402)]

exports.done = Effect.gen(function*() {
  assert.equal(Chat.text(yield* ask), "Hello")
  const error = yield* Effect.flip(ask)
  assert.ok(error instanceof OpenRouterError.PaymentRequiredResponseError)
  // One `effect`, that of the program
  const loaded = Object.keys(require.cache ?? {}).filter((path) => /[/\\]effect[/\\]dist[/\\]esm[/\\]/.test(path))
  assert.deepEqual(loaded, [])
}).pipe(Effect.provide(TestModel.layer(script)), Effect.runPromise)
