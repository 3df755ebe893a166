/**
 * The events of a run as JSON, for a browser without the AI SDK: encoded on the server, decoded in the page.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { AgentEvent } from "../agent/AgentStream.js"
import type * as Tool from "../agent/Tool.js"
import { mapBatches } from "../internal/effect/batches.js"
import { jsonText, parseJson } from "../internal/json.js"
import { makeParser } from "../response/sse.js"
import { isEvent } from "./internal/eventSchema.js"

/**
 * A text is no event of a run, or of another version of this library. `data` is its beginning.
 *
 * @since 0.1.0
 * @category errors
 */
export class AgentEventError extends Schema.TaggedError<AgentEventError>()("AgentEventError", {
  message: Schema.String,
  data: Schema.String
}) {}

/**
 * An event as JSON. The result of a call is in the encoded form of the tool's schema. Everything else is as it is; so
 * `value` of the last event is what `JSON.stringify` makes of it.
 *
 * `run.end` has the whole history of the run. Leave out what a browser should not know before you encode it.
 *
 * @since 0.1.0
 * @category codecs
 * @example
 * ```ts
 * import { Agent } from "effect-openrouter"
 * import { AgentEvents, Sse } from "effect-openrouter/ui"
 *
 * // A handler of a router or a server
 * const story = Sse.response(Agent.stream({ model: "openai/gpt-5-nano", input: "A story, please." }), {
 *   encode: AgentEvents.encode
 * })
 * ```
 */
export const encode = (event: AgentEvent<Tool.Any, unknown>): string => jsonText(encoded(event))

const encoded = (event: AgentEvent<Tool.Any, unknown>): object => {
  if (event.type === "nested") return { ...event, event: encoded(event.event) }
  return event.type === "tool.result" && event.status === "success" ? { ...event, result: event.encoded } : event
}

/**
 * An event from its JSON. The results of calls stay in the encoded form of their tools' schemas.
 *
 * @since 0.1.0
 * @category codecs
 */
export const decode = (data: string): Effect.Effect<AgentEvent<Tool.Any, unknown>, AgentEventError> =>
  Effect.suspend(() => {
    const event = parseJson(data)?.value
    return isEvent(event) ? Effect.succeed(event) : Effect.fail(
      new AgentEventError({
        message:
          "events: the server sent something else than an event of a run. Check the address, and that both sides use the same version of effect-openrouter.",
        data: data.slice(0, 200)
      })
    )
  })

/**
 * The events in the body of a response that `Sse.response` sent, with the views of `AgentStream` for them.
 *
 * @since 0.1.0
 * @category streams
 * @example
 * ```ts
 * import { HttpClient, HttpClientResponse } from "@effect/platform"
 * import { Console, Stream } from "effect"
 * import { AgentStream } from "effect-openrouter"
 * import { AgentEvents } from "effect-openrouter/ui"
 *
 * const program = HttpClientResponse.stream(HttpClient.get("/story")).pipe(
 *   AgentEvents.fromBytes,
 *   AgentStream.textDeltas,
 *   Stream.runForEach((delta) => Console.log(delta))
 * )
 * ```
 */
export const fromBytes = <E, R>(
  bytes: Stream.Stream<Uint8Array, E, R>
): Stream.Stream<AgentEvent<Tool.Any, unknown>, E | AgentEventError, R> =>
  Stream.suspend(() => {
    const parser = makeParser()
    const data = Stream.concat(
      mapBatches(bytes, (reads) => reads.flatMap((read) => parser.push(read))),
      Stream.suspend(() => Stream.fromIterable(parser.end()))
    )
    return Stream.mapEffect(data, (event) => decode(event.data))
  })
