/** Random trees of agents: each runs as a tool of the one above, and their calls wait for random decisions. */
import * as FastCheck from "effect/FastCheck"

const { array, boolean, constantFrom, integer, oneof, option, record } = FastCheck

/** An agent, and its calls in each turn. Its last turn is a text. */
export interface Agent {
  readonly turns: ReadonlyArray<ReadonlyArray<Call>>
}

/** `look` executes at once; `drop` needs an approval, `ask` an answer, `sign` an output. `delegate` runs agents. */
export type Call =
  | { readonly kind: "look" | "drop" | "ask" | "sign" }
  | { readonly kind: "delegate"; readonly agents: ReadonlyArray<Agent>; readonly isParallel: boolean }

/** The process dies at an append: before it is written, or after. */
export interface Death {
  readonly append: number
  readonly when: "before" | "after"
}

export interface Tree {
  readonly root: Agent
  /** What the user decides, and of which calls. */
  readonly choices: ReadonlyArray<number>
  readonly death: Death | null
}

const leaf: FastCheck.Arbitrary<Call> = record({
  kind: constantFrom<Array<"look" | "drop" | "ask" | "sign">>("look", "drop", "drop", "ask", "sign")
})

const call = (depth: number): FastCheck.Arbitrary<Call> =>
  depth === 0 ? leaf : oneof(
    leaf,
    record({
      kind: FastCheck.constant("delegate" as const),
      agents: array(agent(depth - 1), { minLength: 1, maxLength: 2 }),
      isParallel: boolean()
    })
  )

const agent = (depth: number): FastCheck.Arbitrary<Agent> =>
  record({ turns: array(array(call(depth), { minLength: 1, maxLength: 3 }), { maxLength: 2 }) })

export const anyTree: FastCheck.Arbitrary<Tree> = record({
  root: agent(2),
  choices: array(integer({ min: 0, max: 11 }), { minLength: 1, maxLength: 12 }),
  death: option(record({
    append: integer({ min: 1, max: 25 }),
    when: constantFrom<Array<Death["when"]>>("before", "after")
  }))
})
