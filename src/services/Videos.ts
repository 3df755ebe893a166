/**
 * Video generation: start a job, wait for it, download the video.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { innermostMessage } from "../http/kernel.js"
import type { OpenRouterClient } from "../http/OpenRouterClient.js"
import { Payers } from "../http/spending.js"
import { waits } from "../internal/effect/schedules.js"
import { printableLine } from "../internal/printable.js"
import { timeLimit } from "../internal/timeLimits.js"
import { readUsage } from "../response/usage.js"
import { VideoGenerationResponse } from "../schema/Videos.js"
import type { getGeneration } from "./endpoints/Videos.js"
import { type Poll, poll } from "./internal/videoJob.js"

export * from "./endpoints/Videos.js"

const fields = { message: Schema.String, job: VideoGenerationResponse }

/**
 * The job ended without a video; `job.error` is the reason, if OpenRouter gives one.
 *
 * @since 0.1.0
 * @category errors
 */
export class VideoFailedError extends Schema.TaggedError<VideoFailedError>()("VideoFailedError", fields) {}

/**
 * The job was cancelled before its video was done.
 *
 * @since 0.1.0
 * @category errors
 */
export class VideoCancelledError extends Schema.TaggedError<VideoCancelledError>()("VideoCancelledError", fields) {}

/**
 * The job or its video has expired at OpenRouter.
 *
 * @since 0.1.0
 * @category errors
 */
export class VideoExpiredError extends Schema.TaggedError<VideoExpiredError>()("VideoExpiredError", fields) {}

/**
 * The wait ended before the job did, by its `timeout` or its schedule. The job continues, and you can wait for it
 * again. `job` is its last known state, if there is one.
 *
 * @since 0.1.0
 * @category errors
 */
export class VideoPendingError extends Schema.TaggedError<VideoPendingError>()("VideoPendingError", {
  message: Schema.String,
  jobId: Schema.String,
  job: Schema.optional(VideoGenerationResponse)
}) {}

/**
 * Errors of waiting for a video.
 *
 * @since 0.1.0
 * @category errors
 */
export type VideoError = VideoFailedError | VideoCancelledError | VideoExpiredError | VideoPendingError

/**
 * How to wait for a video.
 *
 * @since 0.1.0
 * @category models
 */
export interface AwaitOptions {
  /** When to read the job again; its input is the last state. The wait ends when it ends. Default: every 5 s. */
  readonly schedule?: Schedule.Schedule<unknown, VideoGenerationResponse> | undefined
  /** The limit of the whole wait. Default: 30 minutes; `Duration.infinity` for no limit. */
  readonly timeout?: Duration.DurationInput | undefined
}

/**
 * Waits until a job is completed. Takes the result of `generate`, or the id of a job, which is read first. Returns the
 * completed job, whose video `getContent` downloads, or fails with an error for each other end of a job. A request that
 * fails after the retries of the client ends the wait too. The job continues in that case, and also when the wait is
 * interrupted. A new job may not be found at once: up to five reads may end in 404 before one finds it.
 *
 * The job's `polling_url` is used only when it is below the base URL, so that the key is sent to no other server.
 *
 * @since 0.1.0
 * @category waiting
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Videos } from "effect-openrouter"
 *
 * const film = Videos.generate({ model: "google/veo-3.1", prompt: "A lighthouse at dusk" }).pipe(
 *   Effect.flatMap((job) => Videos.awaitCompletion(job, { timeout: "10 minutes" })),
 *   Effect.map((job) => Videos.getContent({ jobId: job.id })),
 *   Stream.unwrap
 * )
 * ```
 */
export const awaitCompletion = (
  job: VideoGenerationResponse | string,
  options: AwaitOptions = {}
): Effect.Effect<
  VideoGenerationResponse,
  VideoError | Effect.Effect.Error<ReturnType<typeof getGeneration>>,
  OpenRouterClient
> =>
  Effect.gen(function*() {
    const jobId = typeof job === "string" ? job : job.id
    const timeout = Duration.decode(options.timeout ?? Duration.minutes(30))
    const waitAfter = waits(options.schedule ?? Schedule.spaced("5 seconds"))
    const pollJob = poll(job)
    let last = typeof job === "string" ? undefined : job
    let found = false
    let notFound = 0
    const look: Watch = Effect.suspend(() =>
      Effect.matchEffect(pollJob, {
        onFailure: (error) => {
          if (error._tag !== "NotFoundResponseError" || found || ++notFound > maxNotFound) return Effect.fail(error)
          return Effect.flatMap(
            last === undefined ? Effect.as(Effect.sleep("1 second"), true) : waitAfter(last),
            (mayContinue) => mayContinue ? look : Effect.fail(error)
          )
        },
        onSuccess: (seen) => {
          found = true
          return watch(seen)
        }
      })
    )
    const watch = (seen: VideoGenerationResponse): Watch => {
      last = seen
      return seen.status === "completed"
        ? Effect.as(found ? payFor(seen) : Effect.void, seen)
        : failureOf(seen) ?? Effect.flatMap(
          waitAfter(seen),
          (mayContinue) => mayContinue ? look : Effect.fail(pending(jobId, seen, "when the schedule ends"))
        )
    }
    const wait = typeof job === "string" ? look : watch(job)
    return yield* Duration.isFinite(timeout)
      ? timeLimit(wait, timeout, () => pending(jobId, last, `after ${Duration.format(timeout)}`))
      : wait
  })

/** A job costs when it is done. Whoever pays for this fiber's calls pays for it, unless `generate` knew the cost. */
const payFor = (job: VideoGenerationResponse): Effect.Effect<void> => {
  const id = job.generation_id ?? undefined
  const isKnown = typeof job.usage?.cost === "number" || id === undefined
  const spent = { usage: readUsage(job), unsettled: isKnown ? [] : [id] }
  return Effect.map(Payers, (payers) => payers.forEach((pay) => pay(spent)))
}

/** How often a job that was just created may not be found. */
const maxNotFound = 5

type Watch = Effect.Effect<VideoGenerationResponse, VideoError | Effect.Effect.Error<Poll>, OpenRouterClient>

const failureOf = (job: VideoGenerationResponse): Effect.Effect<never, VideoError> | undefined => {
  const words = printableLine(innermostMessage(job.error) ?? "").replace(/\.$/, "")
  const why = words === "" ? "" : `: ${words}`
  switch (job.status) {
    case "failed":
      return Effect.fail(
        new VideoFailedError({
          job,
          message: `videos.awaitCompletion: the job ${job.id} failed${why}. Change the request, or try again.`
        })
      )
    case "cancelled":
      return Effect.fail(
        new VideoCancelledError({
          job,
          message:
            `videos.awaitCompletion: the job ${job.id} was cancelled${why}. Start another job if you still want the video.`
        })
      )
    case "expired":
      return Effect.fail(
        new VideoExpiredError({
          job,
          message: `videos.awaitCompletion: the job ${job.id} has expired${why}. Start it again.`
        })
      )
    default:
      return undefined
  }
}

const pending = (jobId: string, job: VideoGenerationResponse | undefined, when: string): VideoPendingError =>
  new VideoPendingError({
    jobId,
    job,
    message:
      `videos.awaitCompletion: the job ${jobId} is not completed ${when}${
        job === undefined ? "" : ` (${job.status})`
      }. ` +
      "It continues; call Videos.awaitCompletion with its id to wait for it again."
  })
