/**
 * A page about an account, with React and TanStack Query: credits, workspaces page by page, one that is deleted, a key that does not
 * exist, and one whose reading is stopped. `npx tsx examples/query/serve.ts` shows it with invented data.
 */
import {
  QueryClient,
  QueryClientProvider,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useSuspenseQuery
} from "@tanstack/react-query"
import { ApiKeys, Credits, Workspaces } from "effect-openrouter"
import { StrictMode, Suspense, useState } from "react"
import { createRoot } from "react-dom/client"
import { openRouter } from "./openRouter.js"

const Balance = () => {
  const { data: { data } } = useSuspenseQuery(openRouter.query(Credits.getCredits))
  return <p>{data.total_credits - data.total_usage} USD are left.</p>
}

const WorkspacesOfUser = () => {
  const list = useInfiniteQuery(openRouter.infinite(Workspaces.list, { limit: 2 }))
  const remove = useMutation(openRouter.mutation(Workspaces.delete))
  return (
    <>
      <ul>{list.data?.pages.flatMap(({ data }) => data.map(({ id, name }) => <li key={id}>{name}</li>))}</ul>
      <button type="button" disabled={!list.hasNextPage} onClick={() => void list.fetchNextPage()}>More</button>
      <button type="button" onClick={() => remove.mutate({ id: "letters" })}>Delete the letters</button>
    </>
  )
}

const Lost = () => {
  const { error } = useQuery(openRouter.query(ApiKeys.get, { hash: "lost" }))
  return error?._tag === "NotFoundResponseError" ? <p className="error">That key is gone.</p> : <p>…</p>
}

const Slow = () => {
  const { isFetching } = useQuery(openRouter.query(ApiKeys.get, { hash: "slow" }))
  return <p>{isFetching ? "Still looking" : "Found"}</p>
}

const Page = () => {
  const [isSlow, showSlow] = useState(false)
  return (
    <>
      <h1>Account</h1>
      <Suspense fallback={<p>Loading</p>}>
        <Balance />
      </Suspense>
      <WorkspacesOfUser />
      <Lost />
      <button type="button" onClick={() => showSlow(!isSlow)}>{isSlow ? "Stop" : "Look for a slow key"}</button>
      {isSlow && <Slow />}
    </>
  )
}

const root = document.getElementById("root")
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={new QueryClient()}>
        <Page />
      </QueryClientProvider>
    </StrictMode>
  )
}
