/** Fields of a response that repeat its request: each response of a run has the same instructions and tools in them. */
import { jsonText, objectAt, stringAt } from "../../internal/json.js"
import type { OpenResponsesResult } from "../../schema/Responses.js"

const echoes: ReadonlySet<string> = new Set<keyof OpenResponsesResult>([
  "background",
  "frequency_penalty",
  "instructions",
  "max_output_tokens",
  "max_tool_calls",
  "metadata",
  "parallel_tool_calls",
  "presence_penalty",
  "previous_response_id",
  "prompt",
  "prompt_cache_key",
  "prompt_cache_options",
  "reasoning",
  "safety_identifier",
  "store",
  "temperature",
  "text",
  "tool_choice",
  "tools",
  "top_logprobs",
  "top_p",
  "truncation",
  "user"
])

/**
 * A response without the fields that repeat its request.
 *
 * @internal
 */
export const withoutEchoes = ({ id, model, output, ...rest }: OpenResponsesResult): OpenResponsesResult => ({
  id,
  model,
  output,
  ...Object.fromEntries(Object.entries(rest).filter(([key]) => !echoes.has(key)))
})

/**
 * The response, whose echoes are those of the response before where they are equal. So a run keeps one copy of them.
 *
 * @internal
 */
export const withSharedEchoes = <Response extends object>(response: Response, before: object | undefined): Response =>
  before === undefined ? response : { ...response, ...Object.fromEntries(sharedEchoes(response, before)) }

/**
 * Lets the responses in the events of a run share their echoes, so that a reader who keeps all events keeps one copy.
 *
 * @internal
 */
export class EventEchoes {
  /** The fields of the responses so far. In the first events of a response, some are null. */
  private before: object | undefined = undefined
  /** Those of the runs inside of calls, by their ids. */
  private readonly inner = new Map<string, EventEchoes>()

  shared<Event extends object>(event: Event): Event {
    const nested = objectAt(event, "event")
    if (nested !== undefined) return { ...event, event: this.ofRun(stringAt(event, "run") ?? "").shared(nested) }
    const found = objectAt(event, "response")
    if (found === undefined) return event
    const response = withSharedEchoes(found, this.before)
    const known = Object.entries(response).filter(([, value]) => value !== null)
    this.before = { ...this.before, ...Object.fromEntries(known) }
    return { ...event, response }
  }

  private ofRun(run: string): EventEchoes {
    const echoes = this.inner.get(run) ?? new EventEchoes()
    this.inner.set(run, echoes)
    return echoes
  }
}

const sharedEchoes = (response: object, before: object): ReadonlyArray<readonly [string, unknown]> =>
  [...echoes].flatMap((name) => {
    const [value, other]: [unknown, unknown] = [Reflect.get(response, name), Reflect.get(before, name)]
    return isLarge(value) && typeof value === typeof other &&
        (value === other || jsonText(value) === jsonText(other))
      ? [[name, other] as const]
      : []
  })

const isLarge = (value: unknown): boolean => typeof value === "object" ? value !== null : typeof value === "string"
