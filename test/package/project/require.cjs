/** What a user writes in CommonJS, for a Node that can require ES modules. */
const assert = require("node:assert/strict")
const { Chat } = require("effect-openrouter")
const { send } = require("effect-openrouter/services/Chat")
const { Endpoint } = require("effect-openrouter/extend")
const { TestModel } = require("effect-openrouter/testing")

assert.equal(typeof Chat.send, "function")
assert.equal(Chat.send, send)
assert.equal(typeof Endpoint.json, "function")
assert.equal(typeof TestModel.layer, "function")
