/**
 * Speech to text.
 *
 * @since 0.1.0
 */
import { encodeBase64 } from "../internal/effect/base64.js"
import type { STTInputAudio } from "../schema/SttRequest.js"

export * from "./endpoints/Stt.js"

/**
 * A recording for `createTranscription`, from its bytes; `format` is a name such as `wav` or `mp3`. For long recordings
 * prefer `createTranscriptionMultipart`: it needs no base64 and accepts a `Stream`.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Stt } from "effect-openrouter"
 *
 * const transcribe = (wav: Uint8Array) =>
 *   Stt.createTranscription({ model: "openai/whisper-1", input_audio: Stt.inputAudio(wav, "wav") }).pipe(
 *     Effect.map((result) => result.text)
 *   )
 * ```
 */
export const inputAudio = (bytes: Uint8Array, format: string): STTInputAudio => ({
  data: encodeBase64(bytes),
  format
})
