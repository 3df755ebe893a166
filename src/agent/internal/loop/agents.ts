/** The agents of a run: the one that begins it, and those that can take over. */
import * as Effect from "effect/Effect"
import type { InvalidRequestError } from "../../../http/OpenRouterError.js"
import type { JsonSchemaError } from "../../../schema/jsonSchema.js"
import type { Options } from "../options.js"
import type { FunctionCall, ToolRecord } from "../run.js"
import type { State } from "../state/state.js"
import { type Handoff, TypeId } from "../tool.js"
import { optionsBeside } from "./optionsBeside.js"
import { invalid, prepare, type Prepared, type PreparedTool, toolsOf } from "./prepare.js"

/**
 * The agents of a run by their names, and which of them speaks.
 *
 * @internal
 */
export class Agents {
  constructor(
    private readonly own: Prepared,
    private readonly others: ReadonlyMap<string, Prepared>,
    private readonly state: State
  ) {}

  /** The agent that speaks. */
  get speaker(): Prepared {
    return this.named(this.state.speakers.current)
  }

  /** The agent that asked for a call. */
  callerOf(callId: string): Prepared {
    return this.named(this.state.speakers.callerOf(callId).agent)
  }

  /** The tool of a call: one of the agent that asked for it, though another agent may speak by now. */
  toolOf({ callId, name }: FunctionCall | ToolRecord): PreparedTool | undefined {
    return this.isActive(callId, name) ? this.callerOf(callId).tools.get(name) : undefined
  }

  /** The names of the tools that the model had when it asked for a call. */
  toolsFor(callId: string): ReadonlyArray<string> {
    return [...this.callerOf(callId).tools.keys()].filter((name) => this.isActive(callId, name))
  }

  private isActive(callId: string, name: string): boolean {
    return this.state.speakers.callerOf(callId).tools?.includes(name) ?? true
  }

  /** What keeps a handoff from being carried out: another one came first. */
  problemOf(
    { callId, name, turn }: { readonly callId: string; readonly name: string; readonly turn: number }
  ): string | undefined {
    const caller = this.callerOf(callId)
    if (caller.tools.get(name)?.definition.handoff === undefined) return undefined
    return caller === this.speaker && this.state.speakers.mayTakeOver(turn, callId)
      ? undefined
      : "One agent can take over at a time, and another handoff came first."
  }

  private named(name: string | undefined): Prepared {
    return name === undefined ? this.own : this.others.get(name) ?? this.own
  }
}

/** An agent that can take over, and the options of the run while it speaks. */
interface Speaker {
  readonly name: string
  readonly agent: object
  readonly options: Options
}

/**
 * All agents that can take over in a run.
 *
 * @internal
 */
export const speakersOf = (run: Options): ReadonlyArray<Speaker> => {
  const found: Array<Speaker> = []
  const open = [run]
  for (const options of open) {
    for (const { agent, optionsFrom, to } of handoffsOf(options)) {
      if (agent === undefined || found.some((speaker) => speaker.agent === agent)) continue
      const speaker = { name: to, agent, options: optionsFrom(run) }
      found.push(speaker)
      open.push(speaker.options)
    }
  }
  return found
}

const handoffsOf = (options: Options): ReadonlyArray<Handoff> =>
  toolsOf(options).flatMap((tool) => {
    const { definition } = tool[TypeId]
    return definition.kind === "server" ? [] : definition.handoff ?? []
  })

/**
 * Checks the options of a run and of all agents that can take over, before anything is sent.
 *
 * @internal
 */
export const prepareAgents = (
  run: Options
): Effect.Effect<
  readonly [own: Prepared, others: ReadonlyMap<string, Prepared>],
  InvalidRequestError | JsonSchemaError
> =>
  Effect.gen(function*() {
    const own = yield* prepare(run)
    const speakers = speakersOf(run)
    const others = new Map<string, Prepared>()
    for (const { agent, name, options } of speakers) {
      if (others.has(name) || name === run.name) {
        yield* invalid("tools", `two agents have the name "${name}"; give each agent another name`)
      }
      yield* checkSpeaker(name, agent)
      others.set(name, callable(yield* prepare(options), own))
    }
    const isKnown = ({ to }: Handoff) => others.has(to) || to === run.name
    const unknown = [run, ...speakers.map(({ options }) => options)].flatMap(handoffsOf).find((one) => !isKnown(one))
    if (unknown !== undefined) {
      yield* invalid(
        "tools",
        `there is no agent "${unknown.to}" in this run. Give the agent itself to \`Agent.handoff\`, or correct its name`
      )
    }
    return [own, others] as const
  })

/** Whoever takes over speaks in a run that has begun: what is one thing for the whole run cannot change. */
const checkSpeaker = (name: string, agent: object): Effect.Effect<void, InvalidRequestError> => {
  const field = Object.entries(agent).find(([field, value]) =>
    value !== undefined && Object.hasOwn(optionsBeside, field) && Reflect.get(optionsBeside, field) === "run"
  )?.[0]
  return field === undefined ? Effect.void : invalid(
    "tools",
    `the agent "${name}" has \`${field}\`, and an agent that takes over has no such option of its own. Set it for the run`
  )
}

/** Some providers refuse a history with calls if the request has no tools. So an agent without tools shows those of the run. */
const callable = (other: Prepared, own: Prepared): Prepared =>
  other.wireTools.length > 0 ? other : { ...other, wireTools: own.wireTools, mayCall: false }
