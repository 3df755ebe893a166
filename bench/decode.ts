/**
 * Nanoseconds of CPU for one event: for JSON.parse alone, and for all steps from bytes to decoded events.
 * Run: npx tsx bench/decode.ts
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as ChatProtocol from "../src/response/chatProtocol.js"
import * as ResponsesProtocol from "../src/response/responsesProtocol.js"
import * as Sse from "../src/response/sse.js"
import { ChatStreamChunk } from "../src/schema/Chat.js"
import { guard } from "../src/schema/guard.js"
import { StreamEvents } from "../src/schema/ResponsesEvents.js"
import * as EventStream from "../src/stream/EventStream.js"

const events = 20_000
const encoder = new TextEncoder()

const chat = (i: number) => ({
  id: "gen-1762105039-NYyXNcBmYFEZ0gq155P3",
  provider: "Fireworks",
  model: "openai/gpt-5-nano",
  object: "chat.completion.chunk",
  created: 1762105039,
  choices: [{
    index: 0,
    delta: { role: "assistant", content: ` word${i}` },
    finish_reason: i === events - 1 ? "stop" : null,
    native_finish_reason: null,
    logprobs: null
  }]
})

const responses = (i: number) => ({
  type: "response.output_text.delta",
  output_index: 0,
  item_id: "msg_tmp_qzgme5u598q",
  content_index: 0,
  delta: ` word${i}`,
  logprobs: [],
  sequence_number: i + 4
})

const wire = (event: (i: number) => object): ReadonlyArray<string> =>
  Array.from({ length: events }, (_, i) => JSON.stringify(event(i)))

const reads = (payloads: ReadonlyArray<string>, perRead: number): ReadonlyArray<Uint8Array> => {
  const chunks: Array<Uint8Array> = []
  for (let i = 0; i < payloads.length; i += perRead) {
    chunks.push(encoder.encode(payloads.slice(i, i + perRead).map((payload) => `data: ${payload}\n\n`).join("")))
  }
  return chunks
}

const done = encoder.encode("data: [DONE]\n\n")

const measure = async (label: string, run: () => Promise<unknown> | void): Promise<void> => {
  const times: Array<number> = []
  for (let i = 0; i < 9; i++) {
    const before = process.cpuUsage()
    await run()
    const { system, user } = process.cpuUsage(before)
    times.push((user + system) * 1000 / events)
  }
  const middle = times.sort((a, b) => a - b)[4] ?? 0
  console.log(`${label.padEnd(48)} ${middle.toFixed(0).padStart(7)} ns/event`)
}

const suite = async <Event, Result>(
  name: string,
  payloads: ReadonlyArray<string>,
  protocol: EventStream.Protocol<Event, Result>,
  schema: Parameters<typeof EventStream.decode<Event, Result>>[1]
): Promise<void> => {
  const parsed = payloads.map((payload): unknown => JSON.parse(payload))
  const check = guard(schema)
  await measure(`${name}: JSON.parse`, () => payloads.forEach((payload) => JSON.parse(payload)))
  await measure(`${name}: guard`, () => parsed.forEach((event) => check(event)))
  await measure(`${name}: errorOf`, () => parsed.forEach((event) => protocol.errorOf(event)))
  await measure(`${name}: accumulate`, () => {
    const accumulator = protocol.accumulator()
    parsed.forEach((event) => accumulator.add(event))
  })
  for (const perRead of [1, 8, 64]) {
    const chunks = reads(payloads, perRead)
    await measure(`${name}: Sse, ${perRead} a read`, () => {
      const parser = Sse.makeParser()
      chunks.forEach((chunk) => parser.push(chunk))
    })
    for (const idleTimeout of [undefined, "2 minutes"] as const) {
      const decode = EventStream.decode(protocol, schema, { documented: [], idleTimeout })
      const stream = decode(Stream.concat(Stream.fromIterable(chunks).pipe(Stream.rechunk(1)), Stream.make(done)))
      await measure(
        `${name}: decode, ${perRead} a read, idle ${idleTimeout ?? "off"}`,
        () => Effect.runPromise(Stream.runDrain(stream))
      )
    }
    await measure(
      `${name}: source alone, ${perRead} a read`,
      () => Effect.runPromise(Stream.runDrain(Stream.fromIterable(chunks).pipe(Stream.rechunk(1))))
    )
  }
}

await suite("chat", wire(chat), ChatProtocol.protocol, ChatStreamChunk)
await suite("responses", wire(responses), ResponsesProtocol.protocol, StreamEvents)
