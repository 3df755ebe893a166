/**
 * What tools need of a run.
 *
 * @since 0.1.0
 */
import { TypeId } from "./internal/tool.js"
import type { Any } from "./Tool.js"

/**
 * What is lost when a tool is called outside of a run, in words that follow "it"; undefined if nothing is. With `approve`, somebody
 * decides about calls.
 *
 * @internal
 */
export const boundToRuns = (tool: Any, approve: boolean): string | undefined => {
  const { definition } = tool[TypeId]
  if (definition.kind === "server") return "is executed by OpenRouter"
  if (definition.kind === "manual") return "has no handler: the caller of a run executes it"
  if (definition.handoff !== undefined) return "hands the conversation over to another agent"
  if (definition.nextTurn !== undefined) return "changes the parameters of later turns"
  if (definition.background !== undefined) return "goes on beside the turns"
  return definition.mayAsk && !approve ? "may wait for an approval" : undefined
}
