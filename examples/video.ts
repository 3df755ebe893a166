/**
 * Generates a video from a prompt, waits for it, downloads it to a file, and uploads the file for later requests, with
 * only a few chunks of it in memory at a time. A scripted server stands in for OpenRouter, and needs a second for a
 * video.
 */
import { FetchHttpClient, FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { Console, Effect, Layer, Schedule, Stream } from "effect"
import { Files, Videos } from "effect-openrouter"
import type { VideoGenerationResponse } from "effect-openrouter/schema/Videos"
import { MockHttpClient } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"

// A real model needs minutes: poll it less often
const schedule = Schedule.spaced("250 millis").pipe(
  Schedule.tapInput((job: VideoGenerationResponse) => Console.log(`${job.id} is ${job.status}`))
)

const program = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* fs.makeTempFileScoped({ prefix: "video" })

  const started = yield* Videos.generate({ model: "google/veo-3.1", prompt: "A lighthouse at dusk", duration: 4 })
  const job = yield* Videos.awaitCompletion(started, { schedule, timeout: "10 minutes" })
  yield* Stream.run(Videos.getContent({ jobId: job.id }), fs.sink(path))
  yield* Console.log(`${(yield* fs.stat(path)).size} bytes for $${job.usage?.cost}`)

  const file = { fileName: "lighthouse.mp4", contentType: "video/mp4", content: fs.stream(path) }
  yield* Console.log(yield* Files.upload({ file }))
}).pipe(
  Effect.scoped,
  Effect.catchTags({
    VideoFailedError: (error) => Console.log(error.message),
    VideoPendingError: (error) => Console.log(`${error.jobId} is not complete yet; wait for it again later`)
  })
)

let polls = 0
const handlers = [
  MockHttpClient.on(Videos.generate, () => ({ id: "job-1", polling_url: "/api/v1/videos/job-1", status: "pending" })),
  MockHttpClient.on(Videos.getGeneration, () => ({
    id: "job-1",
    status: ++polls < 4 ? "in_progress" : "completed",
    ...(polls < 4 ? {} : { usage: { cost: 0.5 } })
  })),
  MockHttpClient.on(Videos.getContent, () => Array.from({ length: 100 }, () => new Uint8Array(10_000))),
  MockHttpClient.route("POST", "/files", ({ json }) => {
    const file = json["file"]
    const { name, size, type } = file instanceof File ? file : new File([], "")
    const created_at = "2026-01-01T00:00:00Z"
    return {
      id: "file_1",
      type: "file",
      created_at,
      downloadable: true,
      filename: name,
      mime_type: type,
      size_bytes: size
    }
  })
]

program.pipe(
  Effect.provide(Layer.provide(ScriptedServer.layerClient({ handlers }), FetchHttpClient.layer)),
  Effect.provide(NodeContext.layer),
  Effect.runPromise
).catch((error) => {
  console.error(error)
  process.exitCode = 1
})
