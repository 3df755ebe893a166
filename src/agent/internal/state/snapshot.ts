/**
 * A list as it was at some time: the first `length` elements of a list that only grows, and those behind them. It is copied
 * when it is first read, so that a snapshot that nobody reads costs nothing.
 *
 * @internal
 */
export class Snapshot<A> {
  private copy: ReadonlyArray<A> | undefined = undefined

  constructor(
    private readonly grown: ReadonlyArray<A>,
    private readonly length: number,
    private readonly behind: ReadonlyArray<A>
  ) {}

  get elements(): ReadonlyArray<A> {
    if (this.copy === undefined) {
      const copy = this.grown.slice(0, this.length)
      for (const element of this.behind) copy.push(element)
      this.copy = copy
    }
    return this.copy
  }
}
