import * as Effect from "effect/Effect"
import * as Endpoint from "../../http/Endpoint.js"
import { OpenRouterClient } from "../../http/OpenRouterClient.js"
import { CurrentRequestOptions } from "../../http/requestOptions.js"
import { VideoGenerationResponse } from "../../schema/Videos.js"
import { getGeneration } from "../endpoints/Videos.js"

/** @internal */
export type Look = ReturnType<typeof getGeneration>

/**
 * One look at a job: at its polling URL where that is safe and not the usual one, else by its id.
 *
 * @internal
 */
export const lookAt = (job: VideoGenerationResponse | string): Look =>
  typeof job === "string"
    ? getGeneration({ jobId: job })
    : Effect.flatMap(OpenRouterClient, (client) =>
      Effect.flatMap(CurrentRequestOptions, (current) => {
        const path = pollingPath(job.polling_url ?? "", current.baseUrl ?? client.options.baseUrl)
        return path === undefined || path === `/videos/${encodeURIComponent(job.id)}`
          ? getGeneration({ jobId: job.id })
          : elsewhere(path)
      }))

const elsewhere = (path: string): Look =>
  Endpoint.json<void, VideoGenerationResponse, 401 | 404 | 500, "required">({
    operationId: getGeneration.operationId,
    name: getGeneration.name,
    method: "GET",
    path,
    query: [],
    body: "none",
    schema: VideoGenerationResponse,
    errors: [401, 404, 500],
    auth: "required"
  })()

/**
 * Where a polling URL points to below the base URL. Nothing for one that points anywhere else: the key goes along.
 *
 * @internal
 */
export const pollingPath = (pollingUrl: string, baseUrl: string): string | undefined => {
  const base = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
  if (base === undefined || pollingUrl === "") return undefined
  const root = `${base.pathname.replace(/\/+$/, "")}/`
  if (!URL.canParse(pollingUrl, `${base.origin}${root}`)) return undefined
  const url = new URL(pollingUrl, `${base.origin}${root}`)
  if (url.origin !== base.origin || !url.pathname.startsWith(root)) return undefined
  // Braces would be read as a parameter of the path
  return (url.pathname.slice(root.length - 1) + url.search).replaceAll("{", "%7B").replaceAll("}", "%7D")
}
