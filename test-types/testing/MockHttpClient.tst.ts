import type { HttpClient } from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { describe, expect, test } from "tstyche"
import type { OpenRouterClient } from "../../src/http/OpenRouterClient.js"
import { ConflictResponseError, NotFoundResponseError } from "../../src/http/OpenRouterError.js"
import type { ChatStreamChunk } from "../../src/schema/Chat.js"
import * as ApiKeys from "../../src/services/ApiKeys.js"
import * as Chat from "../../src/services/Chat.js"
import * as Credits from "../../src/services/Credits.js"
import * as Files from "../../src/services/Files.js"
import * as Models from "../../src/services/Models.js"
import * as MockHttpClient from "../../src/testing/MockHttpClient.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"

declare const chunk: ChatStreamChunk

describe("MockHttpClient.on", () => {
  test("gives a handler the parameters of its endpoint", () => {
    MockHttpClient.on(ApiKeys.get, (params) => {
      expect(params).type.toBe<ApiKeys.GetParams>()
      return Script.error(404)
    })
    MockHttpClient.on(Models.list, (params) => {
      expect(params).type.toBe<Models.ListParams>()
      return Script.error(503)
    })
    MockHttpClient.on(Chat.stream, (params) => {
      expect(params.model).type.toBe<Chat.StreamParams["model"]>()
      return [chunk]
    })
  })

  test("takes its success, its errors, and the replies of a script", () => {
    expect(MockHttpClient.on).type.toBeCallableWith(
      Credits.getCredits,
      () => ({ data: { total_credits: 1, total_usage: 0 } })
    )
    expect(MockHttpClient.on).type.toBeCallableWith(
      ApiKeys.get,
      () => Effect.fail(new NotFoundResponseError({ status: 404, message: "" }))
    )
    expect(MockHttpClient.on).type.toBeCallableWith(ApiKeys.get, () => Script.unreachable)
    expect(MockHttpClient.on).type.toBeCallableWith(Chat.stream, () => Effect.succeed([chunk]))
    expect(MockHttpClient.on).type.toBeCallableWith(Files.download, () => [new Uint8Array(3)])
  })

  test("refuses another success, an error that the endpoint does not document, and an answer of the model", () => {
    expect(MockHttpClient.on).type.not.toBeCallableWith(Credits.getCredits, () => ({ data: {} }))
    expect(MockHttpClient.on).type.not.toBeCallableWith(
      ApiKeys.get,
      () => Effect.fail(new ConflictResponseError({ status: 409, message: "" }))
    )
    expect(MockHttpClient.on).type.not.toBeCallableWith(Credits.getCredits, () => Script.turn("Hi"))
    expect(MockHttpClient.on).type.not.toBeCallableWith(Chat.stream, () => chunk)
  })
})

describe("layers", () => {
  test("need nothing and cannot fail", () => {
    expect(TestModel.layer(["Hi"])).type.toBe<
      Layer.Layer<TestModel.TestModel | OpenRouterClient | HttpClient>
    >()
    expect(MockHttpClient.layer([])).type.toBe<Layer.Layer<MockHttpClient.MockHttpClient | HttpClient>>()
  })
})

describe("TestModel.layer", () => {
  test("takes anything that stands for a turn", () => {
    expect(TestModel.layer).type.toBeCallableWith([
      "text",
      Script.toolCall("f"),
      ["text", Script.reset],
      Script.error(500),
      () => "text",
      () => Effect.succeed(["text"]),
      Script.forever("text")
    ])
  })

  test("refuses what ends a script inside a turn, and effects that need or fail", () => {
    expect(TestModel.layer).type.not.toBeCallableWith([[Script.forever("text")]])
    expect(TestModel.layer).type.not.toBeCallableWith([() => Effect.fail("no")])
    expect(TestModel.layer).type.not.toBeCallableWith([1])
  })
})
