/** The tests are the example. */
export * from "../../examples/agent-testing.js"
