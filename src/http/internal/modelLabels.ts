/**
 * The labels of metrics that name models. A series is kept for as long as the process lives, and the names come from
 * outside: of a gateway, its callers choose them.
 */

const maxResponding = 200
const maxFailing = 50
/** In characters. */
const maxLength = 200

/**
 * The model that was requested, and the one that responded; empty where it is not known.
 *
 * @internal
 */
export interface Models {
  readonly request: string
  readonly response: string
}

const other: Models = { request: "other", response: "other" }

/**
 * A function that limits the models of metrics: to the first 200 pairs that responded, and otherwise to models that
 * responded before and the first 50 that never did. So the names of models that do not exist take no place of others.
 * All further models count as `other`.
 *
 * @internal
 */
export const makeModelLabels = (): (models: Models, hasResponded: boolean) => Models => {
  const pairs = new Names(maxResponding)
  const responding = new Names(maxResponding)
  const failing = new Names(maxFailing)
  return (models, hasResponded) => {
    const { request, response } = models
    if (request.length > maxLength || response.length > maxLength) return other
    if (!hasResponded) return responding.has(request) || failing.admits(request) ? models : other
    if (!pairs.admits(JSON.stringify([request, response]))) return other
    responding.admits(request)
    return models
  }
}

class Names {
  private readonly names = new Set<string>()

  constructor(private readonly limit: number) {}

  has(name: string): boolean {
    return this.names.has(name)
  }

  /** Whether a name is among the first ones. */
  admits(name: string): boolean {
    if (this.names.size < this.limit) this.names.add(name)
    return this.names.has(name)
  }
}
