/** What a tree of agents has to do, from the decisions that were made: said without any of the code that does it. */
import type { Agent, Call } from "./generators.js"

export type Decision = "approve" | "reject" | "answer"

/** A call that waits, with the id by which the outermost run knows it. */
export interface Waiting {
  readonly id: string
  readonly kind: Exclude<Call["kind"], "look" | "delegate">
}

/** All that should have happened: requests by the name of their agent, executed tools by their keys. */
export interface Expected {
  readonly requests: ReadonlyArray<string>
  readonly executed: ReadonlyArray<string>
  readonly waiting: ReadonlyArray<Waiting>
  /** The text of the agent, if it does not wait. */
  readonly text: string | undefined
}

/** The id of a call: the same ones in each agent, as providers do. */
export const idOf = (turn: number, index: number): string => index === 1 ? `c/${turn}` : `c${turn}_${index}`

export const nameOf = (above: string, turn: number, index: number, child: number): string =>
  `${above}>${turn}.${index}.${child}`

const escaped = (id: string): string => id.replaceAll("/", "%2F")

const rejected = JSON.stringify({ error: "The user rejected this call; it was not carried out." })

/** `above` is undefined for the outermost agent. Its own calls have the ids that the model gave them. */
export const expect = (
  agent: Agent,
  name: string,
  decisions: ReadonlyMap<string, Decision>,
  above?: string
): Expected => {
  const requests: Array<string> = []
  const executed: Array<string> = []
  const outputs: Array<string> = []
  for (const [turn, calls] of agent.turns.entries()) {
    requests.push(`${name} ${turn}`)
    const waiting: Array<Waiting> = []
    for (const [index, call] of calls.entries()) {
      const path = `${above ?? ""}${escaped(idOf(turn, index))}`
      const id = above === undefined ? idOf(turn, index) : path
      if (call.kind === "delegate") {
        const children = call.agents.map((child, place) =>
          expect(child, nameOf(name, turn, index, place), decisions, `${path}/${place + 1}/`)
        )
        for (const child of children) {
          requests.push(...child.requests)
          executed.push(...child.executed)
          waiting.push(...child.waiting)
        }
        outputs.push(JSON.stringify(children.map(({ text }) => text)))
        continue
      }
      const decision = call.kind === "look" ? "approve" : decisions.get(id)
      if (decision === undefined && call.kind !== "look") waiting.push({ id, kind: call.kind })
      else if (decision === "reject") outputs.push(rejected)
      else {
        if (call.kind !== "sign") executed.push(`c/${path}`)
        outputs.push(call.kind === "sign" ? `answer to ${id}` : call.kind)
      }
    }
    if (waiting.length > 0) return { requests, executed, waiting, text: undefined }
  }
  requests.push(`${name} ${agent.turns.length}`)
  return { requests, executed, waiting: [], text: JSON.stringify(outputs) }
}
