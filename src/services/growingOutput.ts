/**
 * A structured output while the model writes it.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import { elementsOf } from "../internal/effect/schemaElements.js"
import { GrowingValue } from "../schema/growingValue.js"
import type { Issue } from "../schema/guard.js"
import * as JsonSchema from "../schema/jsonSchema.js"
import { JsonFinder } from "./internal/jsonFinder.js"

/** @internal */
export interface OpenedOutput<out R> {
  /** Starts to read the output from a text. */
  readonly begin: () => GrowingOutput
  /** Decodes an element of the list. The paths of the issues begin at the value. */
  readonly decodeElement: (written: WrittenElement) => Effect.Effect<unknown, ReadonlyArray<Issue>, R>
}

/**
 * Prepares to read a structured output from texts. `list` is the list whose elements are wanted: the name of a field, or `true`
 * for a value that is a list. Fails if the elements have no schema of their own.
 *
 * @internal
 */
export const openOutput = <A, I, R>(
  { schema, strict }: { readonly schema: Schema.Schema<A, I, R>; readonly strict?: boolean | undefined },
  list: string | true | undefined
): Effect.Effect<OpenedOutput<R>, JsonSchema.JsonSchemaError> =>
  Effect.gen(function*() {
    const codec = yield* JsonSchema.make(schema, { strict })
    const begin = () => new GrowingOutput(codec, list)
    if (list === undefined) return { begin, decodeElement: ({ element }) => Effect.succeed(element) }
    const field = list === true ? undefined : list
    const element = elementsOf(schema, field)
    if (element === undefined) return yield* Effect.fail(withoutElements(field))
    const { decode } = yield* JsonSchema.make(element, { strict })
    return {
      begin,
      decodeElement: ({ element, index }) =>
        Effect.mapError(decode(element), (issues) =>
          issues.map(({ message, path }) => ({
            message,
            path: [...(field === undefined ? [] : [field]), index, ...(path === "" ? [] : [path])].join(".")
          })))
    }
  })

const withoutElements = (field: string | undefined): JsonSchema.JsonSchemaError =>
  new JsonSchema.JsonSchemaError({
    path: field ?? "",
    message:
      `The elements of ${field === undefined ? "the value" : `the field "${field}"`} cannot be emitted one by one, ` +
      "because a transformation of the whole list makes them. Leave out `elements`, or transform each element instead"
  })

/**
 * An element of a list that is complete, as the model wrote it.
 *
 * @internal
 */
export interface WrittenElement {
  readonly index: number
  readonly element: unknown
}

/** @internal */
export interface Written {
  /** The value so far, if it has changed. */
  readonly partial: { readonly value: unknown } | undefined
  readonly elements: ReadonlyArray<WrittenElement>
}

/**
 * Shows the value in a text that arrives in pieces. If several objects or lists of the text begin as the schema says, the
 * last one is shown, because a model corrects its drafts.
 *
 * @internal
 */
export class GrowingOutput {
  private readonly finder = new JsonFinder((isReasoning) => this.begin(isReasoning), () => this.discard())
  /** The pieces that may have changed since the last time; the last one may go on. */
  private pieces: Array<GrowingValue> = []
  private shown: GrowingValue | undefined = undefined

  constructor(
    private readonly converted: Pick<JsonSchema.Converted, "growing">,
    private readonly list?: string | true | undefined
  ) {}

  push(text: string): void {
    this.finder.push(text)
  }

  /** Another text begins, such as that of another message. What was shown stays until the next value begins. */
  clear(): void {
    this.pieces = []
    this.finder.clear()
  }

  /** What changed since the last time. */
  take(): Written {
    let partial: Written["partial"]
    const elements: Array<WrittenElement> = []
    for (const piece of this.pieces) {
      const next = piece.next()
      if (next !== undefined && (!isEmpty(next.value) || this.shown === undefined || this.shown === piece)) {
        partial = next
        this.shown = piece
      }
      if (this.list === undefined || this.shown !== piece) continue
      const { closed, first } = piece.closedElements(this.list)
      closed.forEach((element, index) => elements.push({ index: first + index, element }))
    }
    this.pieces = this.pieces.slice(-1)
    return { partial, elements }
  }

  private begin(isReasoning: boolean): GrowingValue {
    const piece = new GrowingValue(this.converted)
    if (!isReasoning) this.pieces.push(piece)
    return piece
  }

  private discard(): void {
    this.pieces = []
    this.shown = undefined
  }
}

const isEmpty = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.keys(value).length === 0
