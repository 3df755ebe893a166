/** Approvals of a conversation that hold for all calls of a tool, or for those with certain parameters. */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { canonicalJson } from "../../../internal/canonicalJson.js"
import { sha256 } from "../../../internal/crypto.js"
import { isObject } from "../../../internal/json.js"
import type { JsonSchemaError } from "../../../schema/jsonSchema.js"
import type { FunctionDefinition } from "../tool.js"
import type { Entry } from "./entry.js"

/**
 * What a parameter has to be: a value, or any text that begins so.
 *
 * @since 0.1.0
 * @category models
 */
export type Condition<V = unknown> =
  | Extract<V, string | number | boolean | null>
  | (string extends V ? { readonly startsWith: string } : never)

/**
 * Conditions for parameters of a tool, all of which have to hold.
 *
 * @since 0.1.0
 * @category models
 */
export type Where<Params> = { readonly [Name in keyof Params]?: Condition<Exclude<Params[Name], undefined>> }

/**
 * An approval that holds for later calls. `until` is its end, in milliseconds since 1970.
 *
 * @since 0.1.0
 * @category models
 */
export interface Grant {
  readonly id: string
  readonly tool: string
  readonly where?: { readonly [parameter: string]: Condition<string | number | boolean | null> } | undefined
  readonly until?: number | undefined
}

/**
 * How long a grant holds, and for which parameters.
 *
 * @since 0.1.0
 * @category models
 */
export interface GrantOptions<Params> {
  /** Default: all parameters. */
  readonly where?: Where<Params> | undefined
  /** Default: until it is revoked. */
  readonly expiresIn?: Duration.DurationInput | undefined
}

/** A grant with a digest of the parameters that the tool had. @internal */
export type StoredGrant = Extract<Entry, { readonly _tag: "allowed" }>

/**
 * The grants that were not revoked, while a log grows.
 *
 * @internal
 */
export class Grants {
  private readonly grants = new Map<string, StoredGrant>()

  constructor(entries: ReadonlyArray<Entry>) {
    this.read(entries)
  }

  read(entries: ReadonlyArray<Entry>): void {
    for (const entry of entries) {
      if (entry._tag === "allowed") this.grants.set(entry.id, entry)
      if (entry._tag === "revoked") this.grants.delete(entry.id)
    }
  }

  get all(): ReadonlyArray<StoredGrant> {
    return [...this.grants.values()]
  }
}

/**
 * A digest of what a tool expects of its parameters; undefined where the runtime offers none. A grant does not hold for
 * another tool of the same name.
 *
 * @internal
 */
export const digestOf = ({ wire }: FunctionDefinition): Effect.Effect<string | undefined, JsonSchemaError> =>
  Effect.flatMap(wire, ({ tool }) => sha256(canonicalJson(tool.parameters) ?? ""))

/**
 * Conditions as they are stored.
 *
 * @internal
 */
export const conditionsOf = (where: object): NonNullable<Grant["where"]> =>
  Object.fromEntries(
    Object.entries(where).flatMap(([name, condition]: readonly [string, unknown]) =>
      isCondition(condition) ? [[name, condition] as const] : []
    )
  )

const isCondition = (u: unknown): u is Condition<string | number | boolean | null> =>
  u === null || ["string", "number", "boolean"].includes(typeof u) ||
  (isObject(u) && typeof u["startsWith"] === "string")

/**
 * Whether decoded parameters meet all conditions. A parameter that is missing meets none.
 *
 * @internal
 */
export const covers = ({ where = {} }: Grant, params: unknown): boolean =>
  Object.entries(where).every(([name, condition]) => {
    const value = isObject(params) && Object.hasOwn(params, name) ? params[name] : undefined
    return isObject(condition)
      ? typeof value === "string" && value.startsWith(condition.startsWith)
      : value === condition
  })
