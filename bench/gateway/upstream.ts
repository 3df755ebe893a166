/**
 * The model behind the gateway: a chat that sends a token every so many milliseconds. The text of a token is the time at
 * which it was sent, and how long its request had been here.
 * Arguments: how many tokens, and the milliseconds between them.
 */
import { createServer, type ServerResponse } from "node:http"
import { listen, now } from "./common.js"

const [, , tokens = "", interval = ""] = process.argv

const frame = (event: object): string => `data: ${JSON.stringify({ ...head, ...event })}\n\n`

const head = {
  id: "gen-1766949710-w4LBN31Agbdrt6utENn2",
  provider: "Acme",
  model: "acme/small",
  object: "chat.completion.chunk",
  created: 1766949710
}

const token = (arrivedAt: number): string => {
  const sentAt = now()
  const delta = { role: "assistant", content: `${sentAt.toFixed(3)} ${(sentAt - arrivedAt).toFixed(3)};` }
  return frame({ choices: [{ index: 0, delta, finish_reason: null, native_finish_reason: null }] })
}

const end = [
  frame({ choices: [{ index: 0, delta: { content: "" }, finish_reason: "stop", native_finish_reason: "stop" }] }),
  frame({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 9, total_tokens: 18, cost: 0.0001 } }),
  "data: [DONE]\n\n"
].join("")

const stream = (response: ServerResponse): void => {
  const arrivedAt = now()
  let sent = 0
  response.writeHead(200, { "content-type": "text/event-stream" })
  const timer = setInterval(() => {
    if (sent++ < Number(tokens)) {
      response.write(token(arrivedAt))
    } else {
      clearInterval(timer)
      response.end(end)
    }
  }, Number(interval))
  response.on("close", () => clearInterval(timer))
}

listen(createServer((request, response) => request.resume().on("end", () => stream(response))))
