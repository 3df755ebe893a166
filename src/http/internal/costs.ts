/**
 * What the attempts of one call cost in USD, as far as they reported it.
 *
 * @internal
 */
export class Costs {
  private sum: number | undefined = undefined
  private rest: number | undefined = undefined

  add(cost: number | undefined): void {
    this.sum = sumOf(this.sum, cost)
    this.rest = sumOf(this.rest, cost)
  }

  get total(): number | undefined {
    return this.sum
  }

  /** What was added since this was asked last, so that the metric counts each cost once. */
  unrecorded(): number | undefined {
    const { rest } = this
    this.rest = undefined
    return rest
  }
}

/**
 * The sum of two costs that may be unknown.
 *
 * @internal
 */
export const sumOf = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : a + b
