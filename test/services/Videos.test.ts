import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import type { VideoGenerationResponse } from "../../src/schema/Videos.js"
import { pollingPath } from "../../src/services/internal/videoJob.js"
import * as Videos from "../../src/services/Videos.js"
import * as MockHttpClient from "../../src/testing/MockHttpClient.js"
import * as Script from "../../src/testing/Script.js"
import { clientOf, clients, serveBytes } from "../http/support/bytes.js"
import { isOver, poll } from "../support/effect/fibers.js"

const job = (fields: Partial<VideoGenerationResponse> = {}): VideoGenerationResponse => ({
  id: "job-1",
  polling_url: "/api/v1/videos/job-1",
  status: "pending",
  ...fields
})

const done = job({ status: "completed", unsigned_urls: ["https://storage.example.com/1.mp4"], usage: { cost: 0.5 } })

/** Answers one look after another, the last for ever, and keeps when they came. */
const looks = (...answers: ReadonlyArray<VideoGenerationResponse | Script.Failure>) => {
  const at: Array<number> = []
  const handler = MockHttpClient.on(Videos.getGeneration, () =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      at.push(now / 1000)
      return answers[Math.min(at.length, answers.length) - 1] ?? done
    }))
  return { at, layer: MockHttpClient.layerClient([handler], { retry: false }) }
}

const wait = (from: VideoGenerationResponse | string, options?: Videos.AwaitOptions) =>
  Effect.fork(Effect.either(Videos.awaitCompletion(from, options)))

const pending = job()
const unknown = Script.error(404, { message: "Not found" })
const running = job({ status: "in_progress" })

describe("awaitCompletion", () => {
  it.effect("64: polls every five seconds after generate, and returns the completed job", () => {
    const { at, layer } = looks(pending, running, done)
    return Effect.gen(function*() {
      const fiber = yield* wait(pending)
      yield* TestClock.adjust("14999 millis")
      assert.deepStrictEqual(at, [5, 10])
      yield* TestClock.adjust("1 millis")
      const result = yield* Fiber.join(fiber)
      assert.deepStrictEqual(result._tag === "Right" ? result.right : result, done)
      assert.deepStrictEqual(at, [5, 10, 15])
    }).pipe(Effect.provide(layer))
  })

  it.effect("polls at once when it has only the id of the job", () => {
    const { at, layer } = looks(running, done)
    return Effect.gen(function*() {
      const fiber = yield* wait("job-1")
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(at, [0, 5])
    }).pipe(Effect.provide(layer))
  })

  it.effect("does not poll a completed job", () => {
    const { at, layer } = looks()
    return Effect.gen(function*() {
      assert.deepStrictEqual(yield* Videos.awaitCompletion(done), done)
      assert.deepStrictEqual(at, [])
    }).pipe(Effect.provide(layer))
  })

  it.effect("polls by the schedule of the caller, which receives each state of the job", () => {
    const { at, layer } = looks(running, job({ status: "upscaling" }), done)
    return Effect.gen(function*() {
      const seen: Array<string> = []
      const schedule = Schedule.exponential("1 seconds").pipe(
        Schedule.tapInput((job: VideoGenerationResponse) => Effect.sync(() => seen.push(job.status)))
      )
      const fiber = yield* wait(pending, { schedule })
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "Right")
      assert.deepStrictEqual(at, [1, 3, 7])
      assert.deepStrictEqual(seen, ["pending", "in_progress", "upscaling"], "an unknown status does not end the job")
    }).pipe(Effect.provide(layer))
  })

  it.effect("fails with an error of its own for each status without a video, and the error has the job", () =>
    Effect.gen(function*() {
      for (
        const [status, tag] of [
          ["failed", "VideoFailedError"],
          ["cancelled", "VideoCancelledError"],
          ["expired", "VideoExpiredError"]
        ] as const
      ) {
        const ended = job({ status, error: "no lighthouse found" })
        const { layer } = looks(ended)
        const tagged = Videos.awaitCompletion("job-1").pipe(
          Effect.catchTags({
            VideoFailedError: (error) => Effect.succeed(error),
            VideoCancelledError: (error) => Effect.succeed(error),
            VideoExpiredError: (error) => Effect.succeed(error)
          }),
          Effect.provide(layer)
        )
        const error = yield* tagged
        if (!("_tag" in error)) return assert.fail("no error")
        assert.strictEqual(error._tag, tag)
        assert.deepStrictEqual(error.job, ended)
        assert.include(error.message, "job-1")
        assert.include(error.message, "no lighthouse found")
      }
    }))

  it.effect("fails after its timeout in an uninterruptible region, such as a finalizer", () => {
    const { layer } = looks(running)
    const waiting = Effect.flip(Videos.awaitCompletion(pending, { timeout: "12 seconds" }))
    return Effect.gen(function*() {
      const fiber = yield* Effect.forkDaemon(Effect.uninterruptible(waiting))
      yield* TestClock.adjust("1 minute")
      assert.isTrue(isOver(fiber))
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "VideoPendingError")
    }).pipe(Effect.provide(layer))
  })

  it.effect("fails after its timeout or at the end of its schedule, and the message says how to continue", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<[Videos.AwaitOptions, string, number]> = [
        [{ schedule: Schedule.spaced("7 seconds") }, "30m", 257],
        [{ timeout: "12 seconds" }, "12s", 2],
        [{ schedule: Schedule.recurs(3) }, "schedule", 3],
        [{ schedule: Schedule.spaced("1 hours"), timeout: "1 minute" }, "1m", 0]
      ]
      for (const [options, why, count] of cases) {
        const { at, layer } = looks(running)
        const fiber = yield* Effect.provide(wait(pending, options), layer)
        yield* TestClock.adjust("2 hours")
        const result = yield* Fiber.join(fiber)
        const error = result._tag === "Left" ? result.left : assert.fail("it ended")
        if (error._tag !== "VideoPendingError") return assert.fail(error._tag)
        assert.include(error.message, why)
        assert.strictEqual(error.jobId, "job-1")
        assert.deepStrictEqual(error.job, count === 0 ? pending : running)
        assert.strictEqual(at.length, count)
      }
    }))

  it.effect("waits without a limit when the timeout is infinite", () => {
    const { at, layer } = looks(running)
    return Effect.gen(function*() {
      const fiber = yield* wait(pending, { timeout: Duration.infinity, schedule: Schedule.spaced("1 hour") })
      yield* TestClock.adjust("100 hours")
      assert.strictEqual(at.length, 100)
      assert.strictEqual((yield* poll(fiber))._tag, "None")
      yield* Fiber.interrupt(fiber)
    }).pipe(Effect.provide(layer))
  })

  it.effect("waits for a new job that is not found at first, with its schedule", () => {
    const { at, layer } = looks(unknown, unknown, running, done)
    return Effect.gen(function*() {
      const fiber = yield* wait(pending)
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "Right")
      assert.deepStrictEqual(at, [5, 10, 15, 20])
    }).pipe(Effect.provide(layer))
  })

  it.effect("fails after six reads that do not find the job, or at the end of the schedule", () =>
    Effect.gen(function*() {
      for (const [from, times] of [[pending, [5, 10, 15, 20, 25, 30]], ["job-1", [0, 1, 2, 3, 4, 5]]] as const) {
        const { at, layer } = looks(unknown)
        const began = (yield* Clock.currentTimeMillis) / 1000
        const fiber = yield* Effect.provide(wait(from), layer)
        yield* TestClock.adjust("1 minute")
        const result = yield* Fiber.join(fiber)
        assert.isTrue(result._tag === "Left" && result.left._tag === "NotFoundResponseError")
        assert.deepStrictEqual(at.map((time) => time - began), [...times])
      }
      const { at, layer } = looks(unknown)
      const fiber = yield* Effect.provide(wait(pending, { schedule: Schedule.recurs(2) }), layer)
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "Left")
      assert.lengthOf(at, 2)
    }))

  it.effect("fails at once if a job is no longer found", () => {
    const { at, layer } = looks(running, unknown)
    return Effect.gen(function*() {
      const fiber = yield* wait(pending)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "Left")
      assert.deepStrictEqual(at, [5, 10])
    }).pipe(Effect.provide(layer))
  })

  for (
    const error of [
      { code: 400, message: "content policy" },
      { error: { message: "{\"detail\":\"content policy\"}" } },
      "content policy"
    ]
  ) {
    it.effect(`has the words of a job that failed with ${JSON.stringify(error)}`, () => {
      const { layer } = looks(job({ status: "failed", error }))
      return Effect.gen(function*() {
        const fiber = yield* wait(pending)
        yield* TestClock.adjust("5 seconds")
        const result = yield* Fiber.join(fiber)
        assert.isTrue(result._tag === "Left" && result.left._tag === "VideoFailedError", String(result))
        assert.include(String(result), "failed: content policy. Change the request")
        assert.deepStrictEqual(result._tag === "Left" && "job" in result.left && result.left.job?.error, error)
      }).pipe(Effect.provide(layer))
    })
  }

  it.effect("fails when a poll fails", () => {
    const { at, layer } = looks(running, Script.error(500))
    return Effect.gen(function*() {
      const fiber = yield* wait(pending)
      yield* TestClock.adjust("1 minute")
      const result = yield* Fiber.join(fiber)
      assert.strictEqual(result._tag === "Left" ? result.left._tag : "", "InternalServerResponseError")
      assert.deepStrictEqual(at, [5, 10])
    }).pipe(Effect.provide(layer))
  })

  it.effect("64: stops polling when it is interrupted", () => {
    const { at, layer } = looks(running)
    return Effect.gen(function*() {
      const fiber = yield* wait(pending)
      yield* TestClock.adjust("7 seconds")
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(at, [5])
    }).pipe(Effect.provide(layer))
  })
})

describe("polling_url", () => {
  it("is followed in every form when it is below the base URL", () => {
    const path = (url: string, base = "https://openrouter.ai/api/v1") => pollingPath(url, base)
    assert.strictEqual(path("/api/v1/videos/job-1"), "/videos/job-1")
    assert.strictEqual(path("https://openrouter.ai/api/v1/videos/job-1"), "/videos/job-1")
    assert.strictEqual(
      path("https://openrouter.ai/api/v1/videos/job-1", "https://openrouter.ai/api/v1/"),
      "/videos/job-1"
    )
    assert.strictEqual(path("videos/job-1"), "/videos/job-1")
    assert.strictEqual(path("/api/v1/jobs/1?view={status}#top"), "/jobs/1?view=%7Bstatus%7D")
    assert.strictEqual(path("https://user:pw@openrouter.ai/api/v1/jobs/1"), "/jobs/1")
  })

  it("is not followed to another server or path", () => {
    for (
      const url of [
        "",
        "https://evil.example/api/v1/videos/job-1",
        "//evil.example/api/v1/videos/job-1",
        "\\\\evil.example/api/v1/videos/job-1",
        "http://openrouter.ai/api/v1/videos/job-1",
        "https://openrouter.ai:8443/api/v1/videos/job-1",
        "https://openrouter.ai.evil.example/api/v1/videos/job-1",
        "https://openrouter.ai@evil.example/api/v1/videos/job-1",
        "/videos/job-1",
        "/api/v1/../../admin",
        "/api/v1/%2e%2e/admin",
        "/api/v1beta/videos/job-1",
        "javascript:alert(1)",
        "https://"
      ]
    ) {
      assert.isUndefined(pollingPath(url, "https://openrouter.ai/api/v1"), url)
    }
    assert.isUndefined(pollingPath("https://openrouter.ai/api/v1/videos/1", "not a URL"))
  })

  const asked = (polling_url: string | null, options: { readonly baseUrl?: string } = {}) =>
    Effect.gen(function*() {
      const handlers = ["/videos/{id}", "/jobs/{id}"].map((path) => MockHttpClient.route("GET", path, () => done))
      return yield* Effect.gen(function*() {
        const schedule = Schedule.spaced(0)
        yield* Videos.awaitCompletion(job({ polling_url }), { schedule }).pipe(OpenRouterClient.withOptions(options))
        const [request] = yield* MockHttpClient.requests
        return `${request?.path} ${JSON.stringify(request?.query)}`
      }).pipe(Effect.provide(MockHttpClient.layerClient(handlers)))
    })

  it.live("is the path of the polling request", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* asked("/api/v1/videos/job-1"), "/videos/job-1 {}")
      assert.strictEqual(yield* asked("https://openrouter.ai/api/v1/jobs/7?part=2"), "/jobs/7 {\"part\":\"2\"}")
      assert.strictEqual(yield* asked("https://evil.example/api/v1/jobs/7"), "/videos/job-1 {}")
      assert.strictEqual(yield* asked(null), "/videos/job-1 {}")
      const baseUrl = "http://localhost:8787/api/v1"
      assert.strictEqual(yield* asked("http://localhost:8787/api/v1/jobs/7", { baseUrl }), "/jobs/7 {}")
      assert.strictEqual(yield* asked("https://openrouter.ai/api/v1/jobs/7", { baseUrl }), "/videos/job-1 {}")
    }))

  it.scopedLive("does not send the key to another server", () =>
    Effect.gen(function*() {
      const elsewhere: Array<string> = []
      const evil = yield* serveBytes((request, response) => {
        elsewhere.push(request.url ?? "")
        response.end(JSON.stringify(done))
      })
      const own = yield* serveBytes((request, response) => {
        assert.include(request.headers["authorization"], "Bearer ")
        response.end(JSON.stringify(job({ ...done, polling_url: `${evil}/videos/job-1` })))
      })
      const first = job({ polling_url: `${evil}/videos/job-1` })
      yield* Effect.provide(Videos.awaitCompletion(first, { schedule: Schedule.spaced(0) }), clientOf(own))
      assert.deepStrictEqual(elsewhere, [])
    }))
})

describe("a video, from the request to its bytes", () => {
  for (const [name, http] of clients) {
    it.scopedLive(`64: over ${name}`, () =>
      Effect.gen(function*() {
        const asked: Array<string> = []
        const url = yield* serveBytes((request, response) => {
          asked.push(`${request.method} ${request.url}`)
          request.resume()
          response.setHeader("content-type", "application/json")
          if (request.method === "POST") {
            response.statusCode = 202
            response.end(JSON.stringify(pending))
          } else if (request.url?.includes("/content") === true) {
            response.setHeader("content-type", "video/mp4")
            response.write("mo")
            response.end("vie")
          } else {
            response.end(JSON.stringify(asked.length < 4 ? running : done))
          }
        })
        const film = Videos.generate({ model: "google/veo-3.1", prompt: "A lighthouse at dusk" }).pipe(
          Effect.flatMap((job) => Videos.awaitCompletion(job, { schedule: Schedule.spaced("1 millis") })),
          Effect.map((job) => Videos.getContent({ jobId: job.id, index: 0 })),
          Stream.unwrap,
          Stream.decodeText(),
          Stream.mkString
        )
        assert.strictEqual(yield* Effect.provide(film, clientOf(url, http)), "movie")
        assert.deepStrictEqual(asked, [
          "POST /api/v1/videos",
          "GET /api/v1/videos/job-1",
          "GET /api/v1/videos/job-1",
          "GET /api/v1/videos/job-1",
          "GET /api/v1/videos/job-1/content?index=0"
        ])
      }))
  }
})
