/** Errors under a good status, wherever they hide. */
import type { Expected, Fault } from "../support/matrix.js"
import { close, pause, write } from "../support/site.js"
import { type ErrorForm, good, head, wires } from "../support/wire.js"
import { every, midway } from "./outcomes.js"

/** A form, and its outcome before anything is said and after "Once upon". A body that is one has but one. */
interface Form {
  readonly form: ErrorForm
  readonly name: string
  readonly first: Expected
  readonly later: Expected
}

const failed = "BadGatewayResponseError “Upstream died”"
const unsaid = "BadGatewayResponseError “The response failed, and the provider did not say why”"
const ended = "BadGatewayResponseError “The provider ended the response with an error”"
const nameless = "OpenRouterDefaultError 200 “{\"type\":\"error\",\"error\":null}”"

const forms: ReadonlyArray<Form> = [
  {
    form: "documented",
    name: "an error as it is documented",
    first: {
      send: `${failed} gen-1 x2`,
      streams: `${failed} partial “” gen-1 x2`,
      messages: `${failed} gen-1 x2`,
      agents: `${failed} partial “” gen-1 x2; 1 step, 2 items, $0.25`
    },
    later: midway(`${failed} gen-1 x2`, `${failed} partial “Once upon” gen-1`)
  },
  {
    form: "bare",
    name: "an error and nothing else",
    first: every(`${failed} gen-1 x2`),
    later: midway(`${failed} gen-1 x2`, `${failed} partial “Once upon” gen-1`)
  },
  {
    form: "closing",
    name: "an error at the end of an answer",
    first: {
      send: `${failed} partial “Once upon” $0.5 gen-1`,
      streams: `${failed} gen-1 x2`,
      chat: `${failed} partial “” gen-1 x2`,
      agents: `${failed} gen-1 x2; 1 step, 2 items, $0.25`
    },
    later: midway(`${failed} partial “Once upon” $0.5 gen-1`, `${failed} partial “Once upon” gen-1`)
  },
  {
    form: "unsaid",
    name: "an end by an unnamed error",
    first: {
      send: `${ended} partial “Once upon” $0.5 gen-1`,
      streams: `${unsaid} partial “” gen-1 x2`,
      chat: `${ended} partial “” gen-1 x2`,
      messages: `${nameless} gen-1`,
      agents: `${unsaid} partial “” gen-1 x2; 1 step, 2 items, $0.25`
    },
    later: {
      ...midway(`${ended} partial “Once upon” $0.5 gen-1`, `${unsaid} partial “Once upon” gen-1`),
      chat: `${ended} partial “Once upon” gen-1`,
      messages: `${nameless} partial “Once upon” gen-1`
    }
  },
  {
    form: "text",
    name: "an error that is a mere text",
    first: every("OpenRouterDefaultError 200 “Upstream died” gen-1"),
    later: midway(
      "OpenRouterDefaultError 200 “Upstream died” gen-1",
      "OpenRouterDefaultError 200 “Upstream died” partial “Once upon” gen-1"
    )
  },
  {
    form: "untyped",
    name: "an error without its envelope",
    first: every(`${failed} gen-1 x2`),
    later: midway(`${failed} gen-1 x2`, `${failed} partial “Once upon” gen-1`)
  }
]

const first = ({ first, form, name }: Form): Fault => ({
  name: `${name}, before anything else`,
  respond: (wire) => [write(good(wire) + wire.errors[form]), pause, close],
  expected: first
})

const later = ({ form, later, name }: Form): Fault => ({
  name: `${name}, in mid-response`,
  respond: (wire) => [
    write(good(wire) + (wire.api === "json" ? "" : wire.begun)),
    pause,
    write(wire.errors[form]),
    pause,
    close
  ],
  expected: later
})

const asJson = (name: string, type: string): Fault => ({
  name: `an error as JSON, called ${name}`,
  respond:
    () => [write(head(200, `${type}x-generation-id: gen-1\r\n`) + "\n  " + wires.json.errors.bare), pause, close],
  expected: every(`${failed} gen-1 x2`)
})

export const errors: ReadonlyArray<Fault> = [
  ...forms.map(first),
  ...forms.map(later),
  asJson("what it is", "content-type: application/json\r\n"),
  asJson("a stream", "content-type: text/event-stream\r\n"),
  asJson("text", "content-type: text/plain\r\n"),
  asJson("nothing", "")
]
