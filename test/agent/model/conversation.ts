/** What was said in a conversation so far, in the terms of the model test. */
import type { Token, Told } from "./wire.js"
import { type Answer, type Call, isWord, numberOf, type Speech, type Turn, turnOf } from "./world.js"

/** One entry of the conversation, in order; a turn has outputs by call. */
type Said =
  | { readonly _tag: "user"; readonly text: string }
  | { readonly _tag: "turn"; readonly turn: number; readonly outputs: Map<number, Told> }

const nothing: Answer = {
  _tag: "answer",
  thinks: false,
  says: "nothing",
  calls: [],
  isCut: false,
  cost: 0,
  bill: "charged",
  pace: 0,
  verdict: "pass"
}

export class Conversation {
  constructor(readonly script: ReadonlyArray<Turn>, readonly said: ReadonlyArray<Said> = []) {}

  copy(): Conversation {
    return new Conversation(
      this.script,
      this.said.map((one) => one._tag === "turn" ? { ...one, outputs: new Map(one.outputs) } : one)
    )
  }

  with(one: Said): Conversation {
    return new Conversation(this.script, [...this.said, one])
  }

  /** Whether the response to a request became a turn. One that lost only its last event counts with its items. */
  isUsable(turn: number): boolean {
    const answer = this.script[turn - 1]
    return answer?._tag !== "failure" || answer.how === "unended" ||
      // Where the connection broke, the model may have had more to say. After a call it says it later
      answer.how === "unended by a reset" && answer.calls.length > 0
  }

  answerOf(turn: number): Answer {
    const answer = this.script[turn - 1]
    if (answer?._tag === "answer") {
      return answer.verdict === "replace" && answer.says !== "nothing" ? { ...answer, says: "replaced" } : answer
    }
    return answer !== undefined && this.isUsable(turn)
      ? { ...nothing, says: answer.calls.length === 0 ? "words" : "nothing", calls: answer.calls }
      : { ...nothing, says: answer === undefined ? "words" : "nothing" }
  }

  /** The calls of a turn, and the requests of servers for an approval. */
  callsOf(turn: number): ReadonlyArray<number> {
    return this.answerOf(turn).calls.map((_, index) => numberOf(turn, index))
  }

  callOf(call: number): Call & { readonly isCut: boolean } {
    const { calls, isCut } = this.answerOf(turnOf(call))
    const index = call - numberOf(turnOf(call), 0)
    const found = calls[index]
    if (found === undefined) throw new Error(`no call ${call}`)
    const isLast = index === calls.length - 1
    return { ...found, isCut: isCut && found.kind !== "server" && (isLast || found.kind === "badJson") }
  }

  /** Whether a server executes the call after an approval. */
  isOfServer(call: number): boolean {
    return this.callOf(call).kind === "server"
  }

  get pending(): ReadonlyArray<number> {
    return this.said.flatMap((one) =>
      one._tag === "turn" ? this.callsOf(one.turn).filter((call) => !one.outputs.has(call)) : []
    )
  }

  /** The messages that others said. */
  get words(): ReadonlyArray<string> {
    return this.said.flatMap((one) => one._tag === "user" && isWord(one.text) ? [one.text] : [])
  }

  /** The calls that are still pending after later input of the user. */
  get passed(): ReadonlyArray<number> {
    const last = this.said.findLastIndex((one) => one._tag === "user")
    return new Conversation(this.script, this.said.slice(0, Math.max(0, last))).pending
  }

  tell(call: number, told: Told): void {
    for (const one of this.said) {
      if (one._tag === "turn" && one.turn === turnOf(call)) one.outputs.set(call, told)
    }
  }

  /** The calls with which agents took over, of the turns before one or of all. */
  handoffs(before = Infinity): ReadonlyArray<number> {
    return this.said.flatMap((one) =>
      one._tag === "turn" && one.turn < before
        ? [...one.outputs].flatMap(([call, told]) =>
          this.callOf(call).kind === "over" && (told === "handed over" || told === "changed") ? [call] : []
        )
        : []
    )
  }

  get outputs(): ReadonlyMap<number, Told> {
    return new Map(this.said.flatMap((one) => one._tag === "turn" ? [...one.outputs] : []))
  }

  get lines(): ReadonlyArray<string> {
    return this.said.flatMap((one) => this.linesOf(one))
  }

  /** The lines of a request. A provider takes a thought only before what the model said or called after it. */
  get sent(): ReadonlyArray<string> {
    const sent: Array<string> = []
    let thoughts: Array<string> = []
    const close = () => {
      if (sent.at(-1)?.startsWith("said") === true) sent.splice(-1, 0, ...thoughts)
      thoughts = []
    }
    for (const line of this.lines) {
      if (line.startsWith("blank")) continue
      if (line.startsWith("thought")) {
        thoughts.push(line)
        continue
      }
      if (line.startsWith("user")) close()
      sent.push(...thoughts, line)
      thoughts = []
    }
    close()
    return sent
  }

  private linesOf(one: Said): ReadonlyArray<string> {
    if (one._tag === "user") return [`user: ${one.text}`]
    const { says, thinks } = this.answerOf(one.turn)
    const calls = this.callsOf(one.turn)
    const outputs = [
      ...calls.filter((call) => !this.isOfServer(call) && one.outputs.has(call)),
      // The responses to a server stand behind the outputs, in the order of the decisions
      ...[...one.outputs.keys()].filter((call) => this.isOfServer(call))
    ]
    return [
      ...(thinks ? [`thought ${one.turn}`] : []),
      ...(says === "nothing" ? [] : [saidAs(one.turn, says)]),
      ...calls.map((call) => `call ${call}`),
      ...outputs.map((call) => `output of ${call}: ${one.outputs.get(call)}`)
    ]
  }
}

/** The line of a message. A message without text is not sent. */
export const saidAs = (turn: number, says: Exclude<Speech, "nothing">): string =>
  says === "blank" ? `blank ${turn}` : `said ${turn}: ${says}`

/** Reads the conversation back. A turn without items leaves no trace. */
export const conversationOf = (script: ReadonlyArray<Turn>, tokens: ReadonlyArray<Token>): Conversation => {
  const said: Array<Said> = []
  for (const token of tokens) {
    const last = said.at(-1)
    if (token._tag === "user") said.push(token)
    else if (token._tag === "output") new Conversation(script, said).tell(token.call, token.told)
    else {
      const turn = token._tag === "call" ? turnOf(token.call) : token.turn
      if (last?._tag !== "turn" || last.turn !== turn) said.push({ _tag: "turn", turn, outputs: new Map() })
    }
  }
  return new Conversation(script, said)
}
