import * as Duration from "effect/Duration"
import type { Availability } from "../OpenRouterError.js"
import { objectAt } from "./json.js"

/**
 * How long the server asks to wait, from the most to the least specific of its hints.
 *
 * @internal
 */
export const retryAfter = (source: {
  readonly availability: Availability | undefined
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly metadata: unknown
  readonly now: number | undefined
}): Duration.Duration | undefined => {
  const headers = lowerCased({ ...objectAt(source.metadata, "headers"), ...source.headers })
  return fromNumber(source.availability?.retry_after, 1000) ??
    fromNumber(headers["retry-after-ms"], 1) ??
    fromNumber(headers["retry-after"], 1000) ??
    fromDate(headers["retry-after"], source.now) ??
    (isUsedUp(headers["x-ratelimit-remaining"]) ? fromReset(headers["x-ratelimit-reset"], source.now) : undefined)
}

const lowerCased = (headers: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

const longest = Duration.toMillis(Duration.days(365))

const wait = (millis: number): Duration.Duration => Duration.millis(Math.min(Math.max(0, Math.ceil(millis)), longest))

const fromNumber = (value: unknown, unit: number): Duration.Duration | undefined => {
  const n = typeof value === "string" && /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value
  return typeof n === "number" && Number.isFinite(n) ? wait(n * unit) : undefined
}

// `Date.parse` finds a date in almost any text, so the text must look like one of HTTP first
const httpDate = /^\s*[A-Z][a-z]+, .*\d\d:\d\d:\d\d GMT\s*$/

const fromDate = (value: unknown, now: number | undefined): Duration.Duration | undefined => {
  const at = typeof value === "string" && httpDate.test(value) ? Date.parse(value) : NaN
  return Number.isNaN(at) || now === undefined ? undefined : wait(at - now)
}

/** The reset of a limit that is not used up has nothing to do with the failure. */
const isUsedUp = (remaining: unknown): boolean => remaining === undefined || Number(remaining) <= 0

/** OpenRouter sends milliseconds since the epoch; other gateways send seconds. */
const fromReset = (value: unknown, now: number | undefined): Duration.Duration | undefined => {
  const at = typeof value === "number" ? value : typeof value === "string" && value.trim() !== "" ? Number(value) : NaN
  if (!Number.isFinite(at) || at <= 0 || now === undefined) return undefined
  return wait((at < 1e11 ? at * 1000 : at) - now)
}
