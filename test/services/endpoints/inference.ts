import {
  Chat,
  Completions,
  Decisions,
  Embeddings,
  Images,
  Interns,
  Messages,
  Presets,
  Rerank,
  Responses,
  Stt,
  SystemOne,
  Tts,
  Videos
} from "effect-openrouter"
import { type Case, that } from "./case.js"

const model = "acme/small"

const chat = { model, messages: [{ role: "user", content: "Hi 👋" }], temperature: 0 } as const

const response = { model, input: "Hi", max_output_tokens: 16 } as const

const message = { model, max_tokens: 16, messages: [{ role: "user", content: "Hi" }] } as const

const prompt = {
  model,
  prompt: [[1, 2], [3]],
  best_of: 2,
  echo: true,
  logprobs: 3,
  n: 1,
  stop: ["\n"],
  suffix: " end",
  stream_options: { include_usage: true },
  response_format: { type: "grammar", grammar: "root ::= \"a\"" }
} as const

const drawing = { model, prompt: "A cat", aspect_ratio: "1:1", session_id: "s1" } as const

const questions = {
  model,
  state: { weather: "rain" },
  questions: {
    coat: { type: "choice", instructions: "Which coat?", criteria: { warm: "below 5 °C", none: null } },
    wet: { type: "noul", instructions: "Is the street wet?", criteria: { true: "wet", false: "dry" } },
    mood: { type: "score", instructions: ["How good?"], criteria: ["bad", "good"] }
  }
} as const

export const inference: ReadonlyArray<Case> = [
  that(Chat.send, chat, "POST /chat/completions", chat),
  that(Chat.stream, chat, "POST /chat/completions", { ...chat, stream: true }),
  that(Responses.send, response, "POST /responses", response),
  that(Responses.stream, response, "POST /responses", { ...response, stream: true }),
  that(Messages.send, message, "POST /messages", message),
  that(Messages.stream, message, "POST /messages", { ...message, stream: true }),
  that(Completions.generate, prompt, "POST /completions", prompt),
  that(Completions.stream, { model, prompt: "Once" }, "POST /completions", { model, prompt: "Once", stream: true }),
  that(Embeddings.generate, { model, input: ["a", "b"], dimensions: 8 }, "POST /embeddings", {
    model,
    input: ["a", "b"],
    dimensions: 8
  }),
  that(Embeddings.listModels, { offset: 10, limit: 5 }, "GET /embeddings/models?offset=10&limit=5"),
  that(Rerank.rerank, { model, query: "cat", documents: ["dog", { text: "cat" }], top_n: 1 }, "POST /rerank", {
    model,
    query: "cat",
    documents: ["dog", { text: "cat" }],
    top_n: 1
  }),
  that(SystemOne.create, questions, "POST /systemone", questions),
  that(Decisions.create, questions, "POST /api/alpha/decisions", questions),

  that(Images.generate, drawing, "POST /images", drawing),
  that(Images.stream, drawing, "POST /images", { ...drawing, stream: true }),
  that(Images.listModels, undefined, "GET /images/models"),
  that(
    Images.listModelEndpoints,
    { author: "acme", slug: "draw:free" },
    "GET /images/models/acme/draw%3Afree/endpoints"
  ),
  that(Tts.createSpeech, { model, input: "Hello", voice: "alloy", speed: 1.5 }, "POST /audio/speech", {
    model,
    input: "Hello",
    voice: "alloy",
    speed: 1.5
  }),
  that(
    Stt.createTranscription,
    { model, input_audio: { data: "UklGRg==", format: "wav" }, language: "en" },
    "POST /audio/transcriptions",
    { model, input_audio: { data: "UklGRg==", format: "wav" }, language: "en" }
  ),
  that(
    Stt.createTranscriptionMultipart,
    {
      model,
      file: { content: "RIFF", fileName: "a.wav" },
      temperature: 0.5,
      "timestamp_granularities[]": ["word", "segment"]
    },
    "POST /audio/transcriptions",
    {
      model,
      file: "a.wav: RIFF",
      temperature: "0.5",
      "timestamp_granularities[]": ["word", "segment"]
    }
  ),
  that(Videos.generate, { model, prompt: "A wave", duration: 4, resolution: "720p" }, "POST /videos", {
    model,
    prompt: "A wave",
    duration: 4,
    resolution: "720p"
  }),
  that(Videos.getGeneration, { jobId: "job 1" }, "GET /videos/job%201"),
  that(Videos.getContent, { jobId: "job1", index: 1 }, "GET /videos/job1/content?index=1"),
  that(Videos.listModels, undefined, "GET /videos/models"),

  that(
    Presets.createPresetsChatCompletions,
    { slug: "my preset", ...chat },
    "POST /presets/my%20preset/chat/completions",
    chat
  ),
  that(Presets.createPresetsMessages, { slug: "p", ...message }, "POST /presets/p/messages", message),
  that(Presets.createPresetsResponses, { slug: "p", ...response }, "POST /presets/p/responses", response),
  that(Presets.get, { slug: "p" }, "GET /presets/p"),
  that(Presets.getVersion, { slug: "p", version: "3" }, "GET /presets/p/versions/3"),
  that(Presets.list, { offset: 2, limit: 1 }, "GET /presets?offset=2&limit=1"),
  that(Presets.listVersions, { slug: "p", limit: 1 }, "GET /presets/p/versions?limit=1"),

  that(
    Interns.chat,
    { internId: "int 1", messages: [{ role: "tool", content: "Yes", tool_call_id: "q1" }], session_id: "s1" },
    "POST /interns/int%201/chat/completions",
    { messages: [{ role: "tool", content: "Yes", tool_call_id: "q1" }], session_id: "s1", stream: true }
  )
]
