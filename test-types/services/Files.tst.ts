import type { FileSystem } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { Files, Videos } from "effect-openrouter"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Stream from "effect/Stream"
import { describe, expect, test } from "tstyche"

declare const bytes: Uint8Array
declare const readFile: Stream.Stream<Uint8Array, PlatformError>
declare const needy: Stream.Stream<Uint8Array, never, FileSystem.FileSystem>
declare const words: Stream.Stream<string>

describe("a file to upload", () => {
  test("is bytes in any form, or a stream with any failure", () => {
    expect(Files.upload).type.toBeCallableWith({ file: bytes })
    expect(Files.upload).type.toBeCallableWith({ file: new Blob([]) })
    expect(Files.upload).type.toBeCallableWith({ file: readFile })
    expect(Files.upload).type.toBeCallableWith({
      file: { fileName: "a", content: readFile, contentType: "text/plain" }
    })
    expect(Files.upload).type.toBeCallableWith({ file: { fileName: "a", content: "text" } })
  })

  test("has a name where it is text, and asks for nothing", () => {
    expect(Files.upload).type.not.toBeCallableWith({ file: "text" })
    expect(Files.upload).type.not.toBeCallableWith({ file: { content: bytes } })
    expect(Files.upload).type.not.toBeCallableWith({ file: needy })
    expect(Files.upload).type.not.toBeCallableWith({ file: words })
  })
})

describe("a wait for a video", () => {
  test("can be caught by tag until nothing of the job is left", () => {
    const wait = Videos.awaitCompletion("job-1", { schedule: Schedule.spaced("1 second") }).pipe(
      Effect.catchTags({
        VideoFailedError: () => Effect.void,
        VideoCancelledError: () => Effect.void,
        VideoExpiredError: () => Effect.void,
        VideoPendingError: (error) => Effect.succeed(error.jobId)
      })
    )
    expect<Effect.Effect.Error<typeof wait>>().type.toBe<
      Effect.Effect.Error<ReturnType<typeof Videos.getGeneration>>
    >()
  })
})
