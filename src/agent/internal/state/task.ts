/** What was done for a task before this run. What is once per task is not done again when a run continues it. */
import { arrayAt, stringAt } from "../../../internal/json.js"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import type { Step } from "../run.js"
import { isAnswer, isCall, isPrompt } from "./waiting.js"

/**
 * What was done since the last prompt of the user.
 *
 * @internal
 */
export interface Task {
  /** Whether the agent that speaks called a tool. */
  readonly hasCalled: boolean
  /** Whether a call has an output, or a request for an approval has a response. */
  readonly hasResults: boolean
  /** Whether the model responded with nothing but an empty message. */
  readonly hasEmptyTurn: boolean
  /** How often the model was to repair its structured output. */
  readonly repairs: number
}

/** @internal */
export const newTask: Task = { hasCalled: false, hasResults: false, hasEmptyTurn: false, repairs: 0 }

/**
 * Derives the task from the history. `handoff` is the id of the call with which the present agent took over.
 *
 * @internal
 */
export const taskOf = (history: ReadonlyArray<InputItem>, handoff?: string): Task => {
  const items = history.slice(history.findLastIndex(isUserPrompt) + 1)
  const begin = items.findLastIndex((item) => item.type === "function_call_output" && item.call_id === handoff) + 1
  return {
    hasCalled: items.slice(begin).some(isCall),
    hasResults: items.some(isAnswer),
    hasEmptyTurn: turnsOf(items).some((turn) => turn.some(isEmptyMessage) && isEmptyOutput(turn)),
    repairs: items.filter(isRepairPrompt).length
  }
}

/** What the model wrote, divided by what it received. */
const turnsOf = (items: ReadonlyArray<InputItem>): ReadonlyArray<ReadonlyArray<InputItem>> => {
  const turns: Array<Array<InputItem>> = [[]]
  for (const item of items) {
    if (isPrompt(item) || isAnswer(item)) turns.push([])
    else turns.at(-1)?.push(item)
  }
  return turns
}

/**
 * Whether the items of a response are empty: reasoning at most.
 *
 * @internal
 */
export const isEmptyOutput = (output: ReadonlyArray<InputItem>): boolean =>
  output.every((item) => item.type === "reasoning" || isEmptyMessage(item))

/**
 * Whether a response is empty: it has reasoning at most.
 *
 * @internal
 */
export const isEmptyResponse = ({ refusal, response }: Step): boolean =>
  refusal === undefined && response.status !== "incomplete" && isEmptyOutput(response.output)

const isEmptyMessage = (item: InputItem): boolean =>
  item.type === "message" && !isPrompt(item) && typeof item.content !== "string" &&
  stringAt(item, "refusal") === undefined &&
  arrayAt(item, "content").every((part) =>
    stringAt(part, "type") === "output_text" && stringAt(part, "text") === undefined
  )

const isUserPrompt = (item: InputItem): boolean => isPrompt(item) && !isRepairPrompt(item)

const repairIntroduction = "Your answer does not fit the schema: "

/**
 * Asks the model to repair its structured output.
 *
 * @internal
 */
export const repairPrompt = (issues: string): InputItem => ({
  role: "user",
  content: `${repairIntroduction}${issues}. Answer again with nothing but JSON that fits.`
})

const isRepairPrompt = (item: InputItem): boolean =>
  isPrompt(item) && stringAt(item, "content")?.startsWith(repairIntroduction) === true
