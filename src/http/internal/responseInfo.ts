import type { ResponseInfo } from "../ResponseInfo.js"
import { defined } from "./json.js"

/** @internal */
export const responseInfo = (
  status: number,
  headers: Readonly<Record<string, string>>,
  attempts: number,
  conceal: (text: string) => string
): ResponseInfo =>
  defined({
    status,
    attempts,
    generationId: text(headers["x-generation-id"], conceal),
    provider: text(headers["x-provider-name"], conceal),
    rateLimit: rateLimit(headers),
    cache: cache(headers, conceal)
  })

const text = (value: string | undefined, conceal: (text: string) => string): string | undefined =>
  value === undefined || value === "" ? undefined : conceal(value)

const number = (text: string | undefined): number | undefined => {
  const n = text === undefined || text.trim() === "" ? NaN : Number(text)
  return Number.isFinite(n) ? n : undefined
}

const rateLimit = (headers: Readonly<Record<string, string>>): ResponseInfo["rateLimit"] => {
  const limit = number(headers["x-ratelimit-limit"])
  const remaining = number(headers["x-ratelimit-remaining"])
  const reset = number(headers["x-ratelimit-reset"])
  return limit === undefined && remaining === undefined && reset === undefined ? undefined : { limit, remaining, reset }
}

const cache = (
  headers: Readonly<Record<string, string>>,
  conceal: (text: string) => string
): ResponseInfo["cache"] => {
  const status = text(headers["x-openrouter-cache-status"], conceal)
  return status === undefined ? undefined : {
    status,
    age: number(headers["x-openrouter-cache-age"]),
    ttl: number(headers["x-openrouter-cache-ttl"]),
    sourceId: text(headers["x-openrouter-cache-source-id"], conceal)
  }
}
