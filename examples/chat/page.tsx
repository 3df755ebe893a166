/** The page of the chat: `useChat` of the AI SDK shows what `UiChat.handler` of the server sends. */
import { useChat } from "@ai-sdk/react"
import {
  DefaultChatTransport,
  isToolUIPart,
  lastAssistantMessageIsCompleteWithApprovalResponses,
  type UIMessage
} from "ai"
import { type FormEvent, useState } from "react"
import { createRoot } from "react-dom/client"

/** What the server adds to each message. */
interface Metadata {
  readonly cost: number
  readonly usage: { readonly totalTokens: number }
}

type Message = UIMessage<Metadata>
type Part = Message["parts"][number]
type Decide = (id: string, approved: boolean) => void

const api = "/api/chat"

const Call = ({ decide, part }: { part: Part; decide: Decide }) => {
  if (!isToolUIPart(part)) return null
  const name = part.type === "dynamic-tool" ? part.toolName : part.type.slice("tool-".length)
  const state = part.state === "output-error" ? "failed" : part.state === "output-denied" ? "denied" : ""
  return (
    <div className={`call ${state}`}>
      <code>{name}({JSON.stringify(part.input ?? {})})</code>
      {part.state === "output-available" && (
        <div>
          → <code>{JSON.stringify(part.output)}</code>
        </div>
      )}
      {part.state === "output-error" && <div>{part.errorText}</div>}
      {part.state === "output-denied" && <div>You rejected this.</div>}
      {part.state === "approval-requested" && (
        <div>
          <button onClick={() => decide(part.approval.id, true)}>Approve</button>
          <button onClick={() => decide(part.approval.id, false)}>Reject</button>
        </div>
      )}
    </div>
  )
}

const View = ({ decide, part }: { part: Part; decide: Decide }) => {
  switch (part.type) {
    case "text":
      return <span>{part.text}</span>
    case "reasoning":
      return <div className="reasoning">{part.text}</div>
    case "source-url":
      return <a href={part.url}>{part.title ?? part.url}</a>
    default:
      return <Call part={part} decide={decide} />
  }
}

const Chat = ({ id, messages: before }: { id: string; messages: Array<Message> }) => {
  const { addToolApprovalResponse, error, messages, sendMessage, status, stop } = useChat<Message>({
    id,
    messages: before,
    resume: before.length > 0,
    transport: new DefaultChatTransport({ api }),
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithApprovalResponses
  })
  const [question, setQuestion] = useState("")
  const isBusy = status === "submitted" || status === "streaming"
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (question !== "") void sendMessage({ text: question })
    setQuestion("")
  }
  const decide: Decide = (id, approved) => void addToolApprovalResponse({ id, approved })
  const halt = () => {
    void fetch(`${api}/${encodeURIComponent(id)}/stop`, { method: "POST" })
    void stop()
  }
  const cost = messages.reduce((sum, { metadata }) => sum + (metadata?.cost ?? 0), 0)
  return (
    <>
      <h1>Chat with an agent</h1>
      <ol>
        {messages.map((message) => (
          <li key={message.id} className={message.role}>
            {message.parts.map((part, index) => <View key={index} part={part} decide={decide} />)}
            {message.metadata !== undefined && (
              <div className="cost">
                ${message.metadata.cost.toFixed(4)} · {message.metadata.usage.totalTokens} tokens
              </div>
            )}
          </li>
        ))}
      </ol>
      {error !== undefined && <p className="error" role="alert">{error.message}</p>}
      <form onSubmit={send}>
        <input
          aria-label="Question"
          value={question}
          disabled={isBusy}
          onChange={(event) => setQuestion(event.target.value)}
        />
        {isBusy ? <button type="button" onClick={halt}>Stop</button> : <button>Send</button>}
      </form>
      <p className="cost" role="status">{status} · ${cost.toFixed(4)} in all</p>
    </>
  )
}

/** The address of the page has the id of the chat, so that a reload shows the same one. */
location.hash ||= crypto.randomUUID()
const id = location.hash.slice(1)
const response = await fetch(`${api}/${encodeURIComponent(id)}`)
createRoot(document.querySelector("#root") ?? document.body).render(
  <Chat id={id} messages={await response.json()} />
)
