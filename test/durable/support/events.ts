/** What workers and models tell: a tool begins or ends, a turn is asked for, and the record of either is kept. */
export interface Event {
  readonly event: string
  readonly key: string
}

/** What is done again after it was kept. What is under way when a process is killed may begin twice. */
export const paidAgain = (events: ReadonlyArray<Event>): ReadonlyArray<string> => {
  const kept = new Set<string>()
  return events.flatMap(({ event, key }) => {
    if (event === "kept") kept.add(key)
    return event !== "kept" && kept.has(key) ? [`${event} ${key}`] : []
  })
}

export const countOf = (events: ReadonlyArray<Event>, kind: string): number =>
  events.filter(({ event }) => event === kind).length

export const keysOf = (events: ReadonlyArray<Event>, kind: string): number =>
  new Set(events.flatMap(({ event, key }) => event === kind ? [key] : [])).size
