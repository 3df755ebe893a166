/**
 * Text to speech.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Tts.js"
