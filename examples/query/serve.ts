/** Shows the page of this folder with invented data: `npx tsx examples/query/serve.ts`. */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { MockHttpClient, Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"
import { serve } from "../browser/server.js"

/** An account with five workspaces, and a key that takes for ever to read. */
export const account = () => {
  let names = ["letters", "invoices", "notes", "poems", "lists"]
  const missing = Script.error(404, { message: "No such key" })
  return [
    MockHttpClient.route("GET", "/credits", () => Script.reply({ data: { total_credits: 5, total_usage: 1.5 } })),
    MockHttpClient.route("GET", "/keys/lost", () => missing),
    MockHttpClient.route("GET", "/keys/slow", () => Script.delayed(missing, "1 hour")),
    MockHttpClient.route("GET", "/workspaces", ({ query }) => {
      const offset = Number(query["offset"] ?? 0)
      const data = names.slice(offset, offset + Number(query["limit"])).map((name) => ({
        id: name,
        name,
        slug: name,
        created_at: "2026-01-01T00:00:00Z",
        default_guardrail_id: "none",
        io_logging_sampling_rate: 1,
        is_data_discount_logging_enabled: false,
        is_observability_broadcast_enabled: false,
        is_observability_io_logging_enabled: false
      }))
      return Script.reply({ data, total_count: names.length })
    }),
    MockHttpClient.route("DELETE", "/workspaces/letters", () => {
      names = names.slice(1)
      return Script.reply({ deleted: true })
    })
  ]
}

/** Serves the page at a port. */
export const page = (port?: number) =>
  Effect.gen(function*() {
    const openRouter = yield* ScriptedServer.make({ handlers: account() })
    const script = new URL("page.tsx", import.meta.url)
    const { url } = yield* serve({ api: openRouter.url, script, ...(port === undefined ? {} : { port }) })
    return { url, openRouter }
  })

if (process.argv[1]?.endsWith("query/serve.ts") === true) {
  NodeRuntime.runMain(
    Effect.scoped(Effect.flatMap(page(3000), ({ url }) => Effect.zipRight(Console.log(url), Effect.never)))
  )
}
