/** The clients of the AI SDK without a page: those of `ai` 6 and of `ai` 7. */
import * as Seven from "ai"
import * as Six from "ai-6"
import type * as UiStream from "../../../src/ui/UiStream.js"

/** A part of a message, as any page may read it. */
export interface Part {
  readonly type: string
  readonly [field: string]: unknown
}

export interface Message {
  readonly id: string
  readonly role: string
  readonly metadata?: unknown
  readonly parts: ReadonlyArray<Part>
}

/** What both lines have. */
export interface Client {
  readonly messages: ReadonlyArray<Message>
  readonly status: string
  readonly error: Error | undefined
  readonly send: (text: string) => Promise<void>
  readonly decide: (id: string, approved: boolean, reason?: string) => Promise<void>
  readonly output: (tool: string, toolCallId: string, output: unknown) => Promise<void>
  readonly resume: () => Promise<void>
  readonly regenerate: () => Promise<void>
  readonly stop: () => Promise<void>
  /** Resolves when the next request has ended, also one that the client sends by itself. */
  readonly sent: () => Promise<void>
  /** Resolves when the last answer has this text, or any. */
  readonly says: (text: string) => Promise<void>
}

export interface Settings {
  readonly id: string
  readonly api: string
  readonly messages?: ReadonlyArray<Message>
  readonly fetch?: typeof fetch
}

type Status = "submitted" | "streaming" | "ready" | "error"

/** What an answer says so far. */
export const textOf = (
  messages: ReadonlyArray<{ readonly role: string; readonly parts: ReadonlyArray<object> }>
): string => {
  const last = messages.at(-1)
  return last?.role === "assistant" ? last.parts.map((part) => "text" in part ? `${part.text}` : "").join("") : ""
}

class State<M extends { readonly role: string; readonly parts: ReadonlyArray<object> }> {
  error: Error | undefined = undefined
  private current: Status = "ready"
  private isSent = false
  private waiting: Array<() => void> = []
  private listening: Array<{ readonly text: string; readonly resume: () => void }> = []

  constructor(public messages: Array<M>) {}

  get status(): Status {
    return this.current
  }

  set status(status: Status) {
    this.current = status
    if (status === "submitted") this.isSent = true
    if (!this.isSent || status === "submitted" || status === "streaming") return
    this.isSent = false
    for (const resume of this.waiting.splice(0)) resume()
  }

  /** Resolves when the next request has ended. */
  sent(): Promise<void> {
    return new Promise((resume) => this.waiting.push(resume))
  }

  says(text: string): Promise<void> {
    return new Promise((resume) => {
      this.listening.push({ text, resume })
      this.tell()
    })
  }

  private tell(): void {
    const said = textOf(this.messages)
    this.listening = this.listening.filter(({ resume, text }) => {
      if (said === "" || !said.includes(text)) return true
      resume()
      return false
    })
  }

  pushMessage = (message: M): void => {
    this.messages = [...this.messages, structuredClone(message)]
    this.tell()
  }
  popMessage = (): void => {
    this.messages = this.messages.slice(0, -1)
  }
  replaceMessage = (index: number, message: M): void => {
    this.messages = this.messages.with(index, structuredClone(message))
    this.tell()
  }
  snapshot = <T>(thing: T): T => structuredClone(thing)
}

class SixChat extends Six.AbstractChat<Six.UIMessage> {
  constructor(state: State<Six.UIMessage>, { api, fetch, id }: Settings) {
    super({
      id,
      state,
      transport: new Six.DefaultChatTransport({ api, ...(fetch === undefined ? {} : { fetch }) }),
      sendAutomaticallyWhen: (chat) =>
        Six.lastAssistantMessageIsCompleteWithApprovalResponses(chat) ||
        Six.lastAssistantMessageIsCompleteWithToolCalls(chat)
    })
  }
}

class SevenChat extends Seven.AbstractChat<Seven.UIMessage> {
  constructor(state: State<Seven.UIMessage>, { api, fetch, id }: Settings) {
    super({
      id,
      state,
      transport: new Seven.DefaultChatTransport({ api, ...(fetch === undefined ? {} : { fetch }) }),
      sendAutomaticallyWhen: (chat) =>
        Seven.lastAssistantMessageIsCompleteWithApprovalResponses(chat) ||
        Seven.lastAssistantMessageIsCompleteWithToolCalls(chat)
    })
  }
}

const clientOf = (chat: SixChat | SevenChat, { says, sent }: Pick<Client, "says" | "sent">): Client => ({
  says,
  sent,
  get messages() {
    return chat.messages
  },
  get status() {
    return chat.status
  },
  get error() {
    return chat.error
  },
  send: (text) => chat.sendMessage({ text }),
  decide: async (id, approved, reason) => {
    await chat.addToolApprovalResponse({ id, approved, ...(reason === undefined ? {} : { reason }) })
  },
  output: async (tool, toolCallId, output) => {
    await chat.addToolOutput({ tool, toolCallId, output })
  },
  resume: () => chat.resumeStream(),
  regenerate: () => chat.regenerate(),
  stop: () => chat.stop()
})

/** A line: its client, and the check of a chunk with which it throws a whole answer away. */
export interface Line {
  readonly protocol: UiStream.Protocol
  readonly client: (settings: Settings) => Client
  readonly isChunk: (chunk: unknown) => Promise<boolean>
  /** The message that these chunks make. */
  readonly read: (chunks: ReadonlyArray<UiStream.Chunk>) => Promise<Message | undefined>
}

/** What the client would throw away is an error here. */
const last = async <M>(messages: AsyncIterable<M>): Promise<M | undefined> => {
  let message: M | undefined
  for await (const next of messages) message = next
  return message
}

const streamOf = <Chunk>(chunks: ReadonlyArray<UiStream.Chunk>): ReadableStream<Chunk> =>
  new ReadableStream({
    start: (controller) => {
      // A client knows the chunks of its line
      for (const chunk of chunks) controller.enqueue(chunk as Chunk)
      controller.close()
    }
  })

export const six: Line = {
  protocol: 6,
  client: (settings) => {
    // A page has them from JSON, without their types
    const state = new State(structuredClone(settings.messages ?? []) as Array<Six.UIMessage>)
    return clientOf(new SixChat(state, settings), { says: (text) => state.says(text), sent: () => state.sent() })
  },
  isChunk: async (chunk) => (await Six.uiMessageChunkSchema().validate?.(chunk))?.success === true,
  read: (chunks) =>
    last(Six.readUIMessageStream({
      stream: streamOf<Six.UIMessageChunk>(chunks),
      terminateOnError: true
    }))
}

export const seven: Line = {
  protocol: 7,
  client: (settings) => {
    // A page has them from JSON, without their types
    const state = new State(structuredClone(settings.messages ?? []) as Array<Seven.UIMessage>)
    return clientOf(new SevenChat(state, settings), { says: (text) => state.says(text), sent: () => state.sent() })
  },
  isChunk: async (chunk) => (await Seven.uiMessageChunkSchema().validate?.(chunk))?.success === true,
  read: (chunks) =>
    last(Seven.readUIMessageStream({
      stream: streamOf<Seven.UIMessageChunk>(chunks),
      terminateOnError: true
    }))
}

const shownFields = new Set([
  "type",
  "text",
  "state",
  "toolCallId",
  "toolName",
  "input",
  "output",
  "errorText",
  "approval",
  "sourceId",
  "url",
  "title",
  "mediaType",
  "providerExecuted"
])

/** What a page shows of messages, without what only the client remembers. */
export const shown = (messages: ReadonlyArray<Message>) =>
  messages.map(({ parts, role }) => ({
    role,
    parts: parts.map((part) =>
      // As JSON, so that a field that is undefined is none
      Object.fromEntries<unknown>(
        Object.entries(JSON.parse(JSON.stringify(part))).filter(([field]) => shownFields.has(field))
      )
    )
  }))
