/** What another floor adds to the errors of a run. */
export { withProgress } from "./internal/loop/agent.js"
