/** What an editor shows: the names in hovers, and compile errors that list what is expected. */
import { ApiKeys, Chat, Files, Responses } from "effect-openrouter"
import { describe, test } from "tstyche"

declare const history: Array<{ role: string; content: string }>
declare const tools: Array<{ type: string }>

// The error of an assignment prints a type as a hover does.
describe("a hover", () => {
  test("names the parameters, the result and the errors of an endpoint", () => {
    // @ts-expect-error 'JsonEndpoint<SendParams, ChatResult, SendFailure>'
    void (Chat.send satisfies number)
    // @ts-expect-error 'StreamEndpoint<StreamParams, ChatStreamChunk, ChatResult, StreamFailure>'
    void (Chat.stream satisfies number)
    // @ts-expect-error 'PagedEndpoint<void | ListParams, ListKeysResponse, ListFailure>'
    void (ApiKeys.list satisfies number)
    // @ts-expect-error 'BinaryEndpoint<DownloadParams, DownloadFailure>'
    void (Files.download satisfies number)
  })

  test("names the result and the errors of a call", () => {
    // @ts-expect-error 'Effect<ChatResult, SendFailure, OpenRouterClient>'
    void (Chat.send({ messages: [] }) satisfies number)
    // @ts-expect-error 'Stream<ChatStreamChunk, StreamFailure, OpenRouterClient>'
    void (Chat.stream({ messages: [] }) satisfies number)
    // @ts-expect-error 'Stream<Uint8Array<ArrayBufferLike>, DownloadFailure, OpenRouterClient>'
    void (Files.download({ file_id: "1" }) satisfies number)
  })
})

describe("a wrong tag", () => {
  test("is refused with the tags that are known", () => {
    // @ts-expect-error Type 'string' is not assignable to type 'TagOfNewerApi | "
    void Chat.send({ messages: history })
    // @ts-expect-error | "developer"
    void Chat.send({ messages: history })
    // @ts-expect-error Did you mean '"user"'?
    void Chat.send({ messages: [{ role: "usr", content: "Hello" }] })
    // @ts-expect-error Type 'string' is not assignable to type '"function" | TagOfNewerApi | "
    void Responses.send({ input: "Hello", tools })
  })
})
