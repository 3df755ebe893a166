/** Structured outputs and arguments of calls while the model writes them. */
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { mapBatches } from "../../../internal/effect/batches.js"
import { asSchema } from "../../../internal/effect/schemaIssues.js"
import { GrowingValue } from "../../../schema/growingValue.js"
import { conversionOf, type Converted, type JsonSchemaError } from "../../../schema/jsonSchema.js"
import type { StreamEvents } from "../../../schema/ResponsesEvents.js"
import { GrowingOutput, openOutput, type WrittenElement } from "../../../services/growingOutput.js"
import { MessageTexts } from "../../../services/messageTexts.js"
import type * as Tool from "../../Tool.js"
import type { AgentEvent, ArgumentsDelta, OutputElement, PartialArguments, PartialOutput } from "../events.js"
import type { ContextIn, ElementIn, Output } from "../options.js"
import { TypeId } from "../tool.js"
import { apiEvent } from "./apiEvents.js"
import { ToolView } from "./tools.js"

type Events<E, R> = Stream.Stream<AgentEvent<Tool.Any, unknown>, E, R>

type AnyOutput = Schema.Schema.All | Output

const optionsOf = (output: AnyOutput) => {
  const { schema, strict }: Pick<Output, "schema" | "strict"> = "schema" in output ? output : { schema: output }
  return { schema: asSchema(schema), strict }
}

/**
 * The partial values of the structured output of the agent that speaks.
 *
 * @internal
 */
export const partialsOf = <Value, E, R>(
  self: Events<E, R>,
  outputOf: (agent: string | undefined) => AnyOutput | undefined
): Stream.Stream<PartialOutput<Value>, E, R> =>
  Stream.suspend(() => {
    const view = new OutputView((agent) => {
      const output = outputOf(agent)
      if (output === undefined) return undefined
      const { schema, strict } = optionsOf(output)
      // A schema that cannot be sent fails the run
      const conversion = conversionOf(schema, { strict })
      return conversion && new GrowingOutput(conversion)
    })
    // The schema of the output makes the values
    return mapBatches(self, (events) => view.read(events).partials as ReadonlyArray<PartialOutput<Value>>)
  })

/**
 * The decoded elements of a list in the structured output.
 *
 * @internal
 */
export const elementsOf = <S extends AnyOutput, List, E, R>(
  self: Events<E, R>,
  output: S,
  list: List
): Stream.Stream<OutputElement<ElementIn<S, List>>, E | JsonSchemaError, R | ContextIn<S>> => {
  const name = typeof list === "string" ? list : true
  const elements = Effect.map(openOutput(optionsOf(output), name), ({ begin, decodeElement }) => {
    const view = new OutputView(begin)
    let misfit: number | undefined
    return mapBatches(self, (events) => view.read(events).elements).pipe(
      Stream.mapEffect(({ attempt, element, index, turn }) =>
        attempt === misfit ? Effect.succeed(undefined) : Effect.match(decodeElement({ element, index }), {
          onSuccess: (value) => ({ turn, index, value }),
          onFailure: () => {
            misfit = attempt
            return undefined
          }
        })
      ),
      Stream.filter((decoded) => decoded !== undefined)
    )
  })
  // The schema of the output decodes the elements, with the services that it requires
  return Stream.unwrap(elements) as Stream.Stream<
    OutputElement<ElementIn<S, List>>,
    E | JsonSchemaError,
    R | ContextIn<S>
  >
}

/**
 * The arguments of the calls of some tools.
 *
 * @internal
 */
export const partialArgumentsOf = <T extends Tool.Any, E, R>(
  self: Events<E, R>,
  tools: ReadonlyArray<Tool.Any>
): Stream.Stream<PartialArguments<T>, E, R> =>
  Stream.unwrap(Effect.map(parametersOf(tools), (parameters) => {
    const view = new ArgumentsView(parameters)
    // The schemas of the tools make the values
    return mapBatches(self, (events) => view.read(events) as ReadonlyArray<PartialArguments<T>>)
  }))

/** The parameters of each tool that can be sent. One that cannot fails the run. */
const parametersOf = (tools: ReadonlyArray<Tool.Any>): Effect.Effect<Parameters> =>
  Effect.map(
    Effect.forEach(tools, ({ [TypeId]: { definition }, name }) =>
      definition.kind === "server"
        ? Effect.succeed([])
        : Effect.match(definition.wire, {
          onSuccess: ({ parameters }) => [[name, parameters] as const],
          onFailure: () => []
        })),
    (found) => new Map(found.flat())
  )

type Parameters = ReadonlyMap<string, Pick<Converted, "growing">>

interface Seen {
  readonly partials: ReadonlyArray<PartialOutput<unknown>>
  readonly elements: ReadonlyArray<WrittenElement & { readonly turn: number; readonly attempt: number }>
}

/** The structured output in the text of each attempt at a turn. */
class OutputView {
  private turn = 0
  private agent: string | undefined = undefined
  /** Counts the responses, also those of failed attempts. */
  private attempt = 0
  private output: GrowingOutput | undefined = undefined
  private texts: MessageTexts | undefined = undefined
  /** What was shown of the current response. */
  private shown: PartialOutput<unknown> | undefined = undefined
  private partials: Array<PartialOutput<unknown>> = []
  private elements: Array<Seen["elements"][number]> = []

  constructor(private readonly outputOf: (agent: string | undefined) => GrowingOutput | undefined) {}

  read(events: ReadonlyArray<AgentEvent<Tool.Any, unknown>>): Seen {
    this.partials = []
    this.elements = []
    for (const event of events) this.take(event)
    this.show()
    return { partials: this.partials, elements: this.elements }
  }

  private take(event: AgentEvent<Tool.Any, unknown>): void {
    switch (event.type) {
      case "turn.start":
        this.turn = event.turn
        this.agent = event.agent
        return this.begin()
      // A second response within an attempt replaces the first
      case "turn.retry":
      case "response.created":
        if (this.shown !== undefined) this.partials.push({ ...this.shown, state: "void" })
        return this.begin()
      case "turn.end":
        this.texts?.end(event.response.output)
        this.show()
        return this.begin()
      default:
        return this.ofApi(apiEvent(event))
    }
  }

  private ofApi(event: StreamEvents | undefined): void {
    if (event === undefined) return
    this.texts?.add(event)
  }

  private begin(): void {
    this.attempt++
    this.shown = undefined
    this.output = this.outputOf(this.agent)
    this.texts = this.output && new MessageTexts(this.output)
  }

  private show(): void {
    const { attempt, output, turn } = this
    if (output === undefined) return
    const { elements, partial } = output.take()
    for (const element of elements) this.elements.push({ ...element, attempt, turn })
    if (partial === undefined) return
    this.shown = { turn, state: "growing", value: partial.value }
    this.partials.push(this.shown)
  }
}

interface Call {
  readonly name: string
  readonly turn: number
  readonly arguments: GrowingValue
  shown: { readonly value: unknown } | undefined
}

interface ShownArguments {
  readonly turn: number
  readonly toolCallId: string
  readonly name: string
  readonly state: "growing" | "void"
  readonly value: unknown
}

/** The arguments of the calls of each attempt at a turn. */
class ArgumentsView {
  private readonly tools = new ToolView<Tool.Any, unknown>()
  private readonly calls = new Map<string, Call>()
  private out: Array<ShownArguments> = []

  constructor(private readonly parameters: Parameters) {}

  read(events: ReadonlyArray<AgentEvent<Tool.Any, unknown>>): ReadonlyArray<ShownArguments> {
    this.out = []
    for (const event of events) {
      if (event.type === "turn.retry" || event.type === "response.created") this.discard()
      for (const delta of this.tools.read([event])) if (delta.type === "delta") this.add(delta)
      if (event.type !== "turn.end") continue
      this.show()
      this.calls.clear()
    }
    this.show()
    return this.out
  }

  private add({ content, name, toolCallId, turn }: ArgumentsDelta): void {
    const parameters = this.parameters.get(name)
    if (parameters === undefined) return
    const known = this.calls.get(toolCallId)
    // Some models repeat an id
    const call = known === undefined || known.arguments.isWhole && content.trim() !== ""
      ? { name, turn, arguments: new GrowingValue(parameters), shown: undefined }
      : known
    this.calls.set(toolCallId, call)
    call.arguments.push(content)
  }

  private show(): void {
    for (const [toolCallId, call] of this.calls) {
      const next = call.arguments.next()
      if (next === undefined) continue
      call.shown = next
      this.out.push({ turn: call.turn, toolCallId, name: call.name, state: "growing", value: next.value })
    }
  }

  private discard(): void {
    for (const [toolCallId, { name, shown, turn }] of this.calls) {
      if (shown !== undefined) this.out.push({ turn, toolCallId, name, state: "void", value: shown.value })
    }
    this.calls.clear()
  }
}
