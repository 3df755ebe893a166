/** Reads the server-sent events of a whole body. */
import { isFields, parse } from "./json.js"

export interface Events {
  /** The parsed data of each event, up to `[DONE]` or invalid JSON. */
  readonly events: ReadonlyArray<unknown>
  /** Whether `[DONE]` arrived. */
  readonly done: boolean
  /** Whether some data is not JSON. */
  readonly garbage: boolean
}

export const events = (body: Uint8Array): Events => {
  const lines = new TextDecoder().decode(body).split(/\r\n|\r|\n/)
  const unterminated = lines.pop() ?? ""
  const blocks: Array<string> = []
  let data: Array<string> = []
  const dispatch = () => {
    if (data.length > 0) blocks.push(data.join("\n"))
    data = []
  }
  const take = (line: string) => {
    if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5))
  }
  for (const line of lines) {
    if (line === "") dispatch()
    else take(line)
  }
  take(unterminated)
  // An event whose lines are complete needs no blank line; half a line is one only where its data is all there
  if (unterminated === "" || isWhole(data.join("\n"))) dispatch()
  const filled = blocks.filter((block) => block !== "")
  const end = filled.findIndex((block) => block.trim() === "[DONE]")
  const read = (end === -1 ? filled : filled.slice(0, end)).map((block) => parse(block))
  const garbage = read.findIndex((json) => json === undefined)
  return {
    events: (garbage === -1 ? read : read.slice(0, garbage)).flatMap((json) => json === undefined ? [] : [json.value]),
    done: end !== -1,
    garbage: garbage !== -1
  }
}

const isWhole = (data: string): boolean => data.trim() === "[DONE]" || isFields(parse(data)?.value)
