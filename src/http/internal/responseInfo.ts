import type { ResponseInfo } from "../ResponseInfo.js"
import { defined } from "./json.js"

/** @internal */
export const responseInfo = (
  status: number,
  headers: Readonly<Record<string, string>>,
  attempts: number
): ResponseInfo =>
  defined({
    status,
    attempts,
    generationId: headers["x-generation-id"],
    provider: headers["x-provider-name"],
    rateLimit: rateLimit(headers),
    cache: cache(headers)
  })

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

const cache = (headers: Readonly<Record<string, string>>): ResponseInfo["cache"] => {
  const status = headers["x-openrouter-cache-status"]
  return status === undefined ? undefined : {
    status,
    age: number(headers["x-openrouter-cache-age"]),
    ttl: number(headers["x-openrouter-cache-ttl"]),
    sourceId: headers["x-openrouter-cache-source-id"]
  }
}
