/** Small endpoints of the tests' own, one of each kind, on schemas that fit on a line. */
import * as Schema from "effect/Schema"
import * as Endpoint from "../../../src/http/Endpoint.js"
import { errorClassByStatus, type Status } from "../../../src/http/OpenRouterError.js"
import { exact } from "../../support/effect/schemas.js"

export const isStatus = (status: number): status is Status => Object.hasOwn(errorClassByStatus, status)

export const statuses: ReadonlyArray<Status> = Object.keys(errorClassByStatus).map(Number).filter(isStatus)

export interface Thing {
  readonly id: string
  readonly size?: number
}

export const Thing: Schema.Schema<Thing> = Schema.Struct({
  id: Schema.String,
  size: exact(Schema.Number)
})

export interface Reply {
  readonly id: string
  readonly model: string
  readonly choices: ReadonlyArray<{ readonly message: { readonly content: string | null } }>
}

const Reply: Schema.Schema<Reply> = Schema.Struct({
  id: Schema.String,
  model: Schema.String,
  choices: Schema.Array(Schema.Struct({ message: Schema.Struct({ content: Schema.NullOr(Schema.String) }) }))
})

export interface ReadParams {
  readonly id: string
  readonly page?: number
  readonly filter?: string
}

/** Needs no key, documents every status. */
export const read: Endpoint.JsonEndpoint<ReadParams, Thing, Endpoint.Failure<Status, "optional">> = Endpoint.json({
  operationId: "readThing",
  name: "things.read",
  method: "GET",
  path: "/things/{id}",
  query: ["page", "filter"],
  body: "none",
  schema: Thing,
  errors: statuses,
  auth: "optional"
})

/** Never gets the key, documents no status. */
export const status: Endpoint.JsonEndpoint<void, Thing, Endpoint.Failure<never, "none">> = Endpoint.json({
  operationId: "status",
  name: "things.status",
  method: "GET",
  path: "/status",
  query: [],
  body: "none",
  schema: Thing,
  errors: [],
  auth: "none"
})

/** A write that must not happen twice. */
export const create: Endpoint.JsonEndpoint<
  { readonly name?: unknown },
  Thing,
  Endpoint.Failure<400 | 429 | 500 | 503>
> = Endpoint.json({
  operationId: "createThing",
  name: "things.create",
  method: "POST",
  path: "/things",
  query: [],
  body: "json",
  schema: Thing,
  errors: [400, 429, 500, 503],
  auth: "required"
})

/** A write that may happen twice: path parameters and body fields side by side. */
export const replace: Endpoint.JsonEndpoint<
  { readonly id: string; readonly size: number },
  Thing,
  Endpoint.Failure<500>
> = Endpoint.json({
  operationId: "replaceThing",
  name: "things.replace",
  method: "PUT",
  path: "/things/{id}",
  query: [],
  body: "json",
  schema: Thing,
  errors: [500],
  auth: "required"
})

export const remove: Endpoint.EmptyEndpoint<{ readonly id: string }, Endpoint.Failure<404 | 500>> = Endpoint.empty({
  operationId: "deleteThing",
  name: "things.delete",
  method: "DELETE",
  path: "/things/{id}",
  query: [],
  body: "none",
  errors: [404, 500],
  auth: "required"
})

export const content: Endpoint.BinaryEndpoint<{ readonly id: string }, Endpoint.BinaryFailure<404 | 500>> = Endpoint
  .binary({
    operationId: "thingContent",
    name: "things.content",
    method: "GET",
    path: "/things/{id}/content",
    query: [],
    body: "none",
    errors: [404, 500],
    auth: "required"
  })

export const upload: Endpoint.JsonEndpoint<
  { readonly file: unknown; readonly purpose?: unknown },
  Thing,
  Endpoint.Failure<413>
> = Endpoint
  .upload({
    operationId: "uploadThing",
    name: "things.upload",
    method: "POST",
    path: "/files",
    query: [],
    schema: Thing,
    errors: [413],
    auth: "required"
  })

export interface ChatParams {
  readonly model: string
  readonly messages: ReadonlyArray<{ readonly role: string; readonly content: string }>
  readonly temperature?: number
  readonly max_tokens?: number
  readonly session_id?: string
}

/** Inference: measured, and sent again where a write would not be. */
export const chat: Endpoint.JsonEndpoint<ChatParams, Reply, Endpoint.Failure<400 | 401 | 402 | 429 | 500 | 502 | 503>> =
  Endpoint.json({
    operationId: "chat",
    name: "chat.send",
    method: "POST",
    path: "/chat/completions",
    query: [],
    body: "json",
    schema: Reply,
    errors: [400, 401, 402, 429, 500, 502, 503],
    auth: "required",
    operation: "chat"
  })

export const hello: ChatParams = { model: "acme/small", messages: [{ role: "user", content: "Hello!" }] }

export const reply = {
  id: "gen-1",
  model: "acme/small-2",
  choices: [{ finish_reason: "stop", message: { role: "assistant", content: "Hi." } }],
  usage: { prompt_tokens: 5, completion_tokens: 7, cost: 0.25 }
}

/** Inference whose answer is not looked at: for the shapes of the other APIs. */
export const infer: Endpoint.JsonEndpoint<
  { readonly model: string },
  unknown,
  Endpoint.Failure<400 | 429 | 500 | 502 | 529>
> = Endpoint.json({
  operationId: "infer",
  name: "anything.infer",
  method: "POST",
  path: "/infer",
  query: [],
  body: "json",
  schema: Schema.Unknown,
  errors: [400, 429, 500, 502, 529],
  auth: "required",
  operation: "chat"
})

export interface Job {
  readonly id: string
  readonly status: string
  readonly error?: string
}

/** A job whose own failure is a string in its record. */
export const job: Endpoint.JsonEndpoint<{ readonly id: string }, Job, Endpoint.Failure<404 | 500>> = Endpoint.json({
  operationId: "job",
  name: "jobs.get",
  method: "GET",
  path: "/jobs/{id}",
  query: [],
  body: "none",
  schema: Schema.Struct({
    id: Schema.String,
    status: Schema.String,
    error: exact(Schema.String)
  }),
  errors: [404, 500],
  auth: "required"
})
