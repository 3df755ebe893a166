import * as Effect from "effect/Effect"
import * as Endpoint from "../../http/Endpoint.js"
import { OpenRouterClient } from "../../http/OpenRouterClient.js"
import { CurrentRequestOptions } from "../../http/requestOptions.js"
import { VideoGenerationResponse } from "../../schema/Videos.js"
import { getGeneration } from "../endpoints/Videos.js"

/** @internal */
export type Poll = ReturnType<typeof getGeneration>

/**
 * Reads the state of a job: from its polling URL when that is below the base URL and not the usual one, else by its id.
 *
 * @internal
 */
export const poll = (job: VideoGenerationResponse | string): Poll =>
  typeof job === "string"
    ? getGeneration({ jobId: job })
    : Effect.flatMap(OpenRouterClient, (client) =>
      Effect.flatMap(CurrentRequestOptions, (current) => {
        const path = pollingPath(job.polling_url ?? "", current.baseUrl ?? client.options.baseUrl)
        return path === undefined || path === `/videos/${encodeURIComponent(job.id)}`
          ? getGeneration({ jobId: job.id })
          : pollPath(path)
      }))

const pollPath = (path: string): Poll =>
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
 * The path of a polling URL below the base URL. Undefined for a URL that points anywhere else, because the API key is
 * sent with the request.
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
