import * as Schema from "effect/Schema"
import { describe, expect, test } from "tstyche"
import * as Approval from "../../src/agent/Approval.js"
import * as Tool from "../../src/agent/Tool.js"

const Remove = Tool.make("remove", {
  parameters: Schema.Struct({ path: Schema.String, times: Schema.optional(Schema.NumberFromString), at: Schema.Date })
})

describe("a grant", () => {
  test("has conditions for the decoded parameters that are plain values", () => {
    expect(Approval.allow).type.toBeCallableWith("c", Remove, { where: { path: { startsWith: "drafts/" }, times: 2 } })
    expect(Approval.allow).type.not.toBeCallableWith("c", Remove, { where: { times: "2" } })
    expect(Approval.allow).type.not.toBeCallableWith("c", Remove, { where: { times: { startsWith: "2" } } })
    expect(Approval.allow).type.not.toBeCallableWith("c", Remove, { where: { at: new Date() } })
    expect(Approval.allow).type.not.toBeCallableWith("c", Remove, { where: { other: "x" } })
  })

  test("is for tools whose calls this library executes", () => {
    expect(Approval.allow).type.not.toBeCallableWith("c", Tool.server({ type: "openrouter:web_search" }))
  })
})
