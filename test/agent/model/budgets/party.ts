/** The data of a case: runs at the same time and inside of each other, below shared and own limits. */

/** What a response reports of its cost: it was charged to OpenRouter or to a key of the user, or nothing is known. */
export type Bill = "charged" | "own key" | "missing"

export interface Price {
  readonly cost: number
  readonly bill: Bill
}

/** What a tool does: it runs an agent, or calls another endpoint. */
export type Work =
  | { readonly _tag: "agent"; readonly worker: Worker }
  | { readonly _tag: "chat"; readonly price: Price; readonly millis: number }

/** A request of a run, and the calls in its response. The last response of a run has none. */
export interface Turn {
  readonly price: Price
  readonly millis: number
  readonly calls: ReadonlyArray<Work>
}

export interface Worker {
  readonly turns: ReadonlyArray<Turn>
  /** Whether its last request is refused, without a cost. */
  readonly fails: boolean
  /** Its own limits, which also hold for the runs in its tools. */
  readonly maxCost: number | undefined
  readonly maxTokens: number | undefined
  /** Whether it holds the shared budget itself; the runs inside of it are limited in any case. */
  readonly holds: boolean
  /** The price of a final response, if it may have one. */
  readonly final: Price | undefined
  readonly begins: number
  /** Whether it is interrupted, that long after its beginning. */
  readonly interrupted: number | undefined
}

export interface Party {
  readonly usd: number | undefined
  readonly tokens: number | undefined
  readonly workers: ReadonlyArray<Worker>
}

/** Every response has so many tokens, if it has a usage. */
export const tokensOfResponse = 10

/** The name of a work inside of a turn of a worker. Turns count from 1. */
export const pathOf = (worker: string, turn: number, call: number): string => `${worker}/${turn}.${call}`

/** All workers and chats by their names. */
export const worksOf = ({ workers }: Party): ReadonlyMap<string, Work> => {
  const works = new Map<string, Work>()
  const add = (path: string, work: Work): void => {
    works.set(path, work)
    if (work._tag === "chat") return
    work.worker.turns.forEach(({ calls }, turn) =>
      calls.forEach((call, index) => add(pathOf(path, turn + 1, index), call))
    )
  }
  workers.forEach((worker, index) => add(`run ${index}`, { _tag: "agent", worker }))
  return works
}
