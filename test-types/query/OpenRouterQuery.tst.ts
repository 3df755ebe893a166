import {
  type QueryClient,
  useInfiniteQuery,
  type UseInfiniteQueryResult,
  useMutation,
  useQuery,
  useSuspenseQuery
} from "@tanstack/react-query"
import type * as ManagedRuntime from "effect/ManagedRuntime"
import { describe, expect, test } from "tstyche"
import type { OpenRouterClient } from "../../src/http/OpenRouterClient.js"
import * as OpenRouterQuery from "../../src/query/OpenRouterQuery.js"
import type { ListKeysResponse } from "../../src/schema/ApiKeys.js"
import type { ChatResult } from "../../src/schema/Chat.js"
import * as ApiKeys from "../../src/services/ApiKeys.js"
import * as Chat from "../../src/services/Chat.js"
import * as Credits from "../../src/services/Credits.js"
import * as Embeddings from "../../src/services/Embeddings.js"
import * as Files from "../../src/services/Files.js"

declare const or: OpenRouterQuery.Queries<"broken">
declare const client: QueryClient
declare const more: ManagedRuntime.ManagedRuntime<OpenRouterClient | "more", "broken">
declare const other: ManagedRuntime.ManagedRuntime<"other", never>

describe("a query", () => {
  test("has the value and the error of the endpoint, and the error of the runtime", () => {
    const { data, error } = useQuery(or.query(ApiKeys.list, { offset: 100 }))
    expect(data).type.toBe<ListKeysResponse | undefined>()
    expect(error).type.toBe<ApiKeys.ListFailure | "broken" | null>()
    expect(useSuspenseQuery(or.query(ApiKeys.list)).data).type.toBe<ListKeysResponse>()
    const { data: count } = useQuery({ ...or.query(ApiKeys.list), select: ({ data }) => data.length, enabled: false })
    expect(count).type.toBe<number | undefined>()
    const cached = client.getQueryData(or.query(ApiKeys.list).queryKey)
    expect(cached).type.toBe<ListKeysResponse | undefined>()
    expect(client.fetchQuery(or.query(ApiKeys.list))).type.toBe<Promise<ListKeysResponse>>()
  })

  test("has the parameters of the endpoint", () => {
    // @ts-expect-error Expected 2 arguments, but got 1
    or.query(ApiKeys.get)
    // @ts-expect-error 'hsh' does not exist in type 'GetParams'
    or.query(ApiKeys.get, { hsh: "x" })
    // @ts-expect-error Type 'string' is not assignable to type 'number'
    or.query(ApiKeys.list, { offset: "2" })
  })

  test("is an endpoint that reads", () => {
    // @ts-expect-error Property 'reads' is missing in type 'JsonEndpoint<SendParams, ChatResult, SendFailure>'
    or.query(Chat.send, { model: "m", messages: [] })
    // @ts-expect-error Property 'reads' is missing
    or.query(Embeddings.generate, { model: "m", input: "text" })
    // @ts-expect-error Property 'reads' is missing
    or.query(ApiKeys.create, { name: "n" })
    // @ts-expect-error Argument of type 'StreamEndpoint<
    or.query(Chat.stream, { model: "m", messages: [] })
    // @ts-expect-error Argument of type 'BinaryEndpoint<
    or.query(Files.download, { file_id: "f" })
    // @ts-expect-error Argument of type 'EmptyEndpoint<
    or.query(Credits.createCoinbaseCharge)
  })
})

describe("an infinite query", () => {
  test("has pages", () => {
    const { data, error } = useInfiniteQuery(or.infinite(ApiKeys.list))
    expect(data?.pages).type.toBe<Array<ListKeysResponse> | undefined>()
    expect(error).type.toBe<UseInfiniteQueryResult<unknown, ApiKeys.ListFailure | "broken">["error"]>()
    // @ts-expect-error Property 'stream' is missing in type 'ReadEndpoint<GetParams
    or.infinite(ApiKeys.get, { hash: "x" })
  })
})

describe("a mutation", () => {
  test("takes the parameters, and has the value and the error of the endpoint", () => {
    const { data, error, mutate } = useMutation(or.mutation(Chat.send))
    expect(data).type.toBe<ChatResult | undefined>()
    expect(error).type.toBe<Chat.SendFailure | "broken" | null>()
    expect(mutate).type.toBeCallableWith({ model: "m", messages: [] })
    expect(mutate).type.not.toBeCallableWith({ model: 1 })
    expect(useMutation(or.mutation(Credits.createCoinbaseCharge)).mutate).type.toBeCallableWith()
  })

  test("returns no stream", () => {
    // @ts-expect-error Argument of type 'StreamEndpoint<
    or.mutation(Chat.stream)
    // @ts-expect-error Argument of type 'BinaryEndpoint<
    or.mutation(Files.download)
  })
})

describe("the runtime", () => {
  test("provides the client, and may provide more", () => {
    expect(OpenRouterQuery.make).type.toBeCallableWith({ runtime: more, scope: "user" })
    expect(OpenRouterQuery.make).type.not.toBeCallableWith({ runtime: other, scope: "user" })
  })
})
