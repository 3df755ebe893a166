/**
 * The second part of `npm run test:browser`: runs the page of examples/chat in a real Chromium, before a scripted model. The agent looks an order
 * up, waits for an approval, and thanks; the page is loaded again while it writes; a run is stopped. Screenshots go to
 * build/browser. Without Chromium it prints that it is skipped.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpServer from "@effect/platform/HttpServer"
import { Context, Effect, Layer } from "effect"
import { Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"
import assert from "node:assert/strict"
import { turns } from "../../examples/chat/serve.js"
import { layer } from "../../examples/chat/server.js"
import { launch } from "./chromium.js"
import { pictures, runTest, step } from "./step.js"

const script: Script.Script = [
  ...turns.slice(0, 2),
  Script.turn(Script.text(["The money ", "is on ", "its way. ", ...Array(20).fill("Really. ")]), {
    cost: 0.0009,
    pace: "100 millis"
  }),
  Script.turn([Script.text("This never ends"), Script.stall]),
  Script.error(402)
]

const main = Effect.gen(function*() {
  const context = yield* Layer.build(
    layer(0).pipe(
      Layer.provideMerge(ScriptedServer.layerClient({ turns: script, client: { retry: false } })),
      Layer.provide(FetchHttpClient.layer)
    )
  )
  const { address } = Context.get(context, HttpServer.HttpServer)
  const openRouter = Context.get(context, ScriptedServer.ScriptedServer)
  const url = `http://127.0.0.1:${address._tag === "TcpAddress" ? address.port : 0}/`
  const browser = yield* launch
  const page = yield* Effect.promise(() => browser.newPage({ viewport: { width: 760, height: 720 } }))
  const problems: Array<string> = []
  page.on("pageerror", (error) => problems.push(error.message))
  const picture = (name: string) => page.screenshot({ path: `${pictures}chat-${name}.png` })
  const ask = async (text: string) => {
    await page.getByRole("textbox").fill(text)
    await page.getByRole("button", { name: "Send" }).click()
  }
  const shows = (text: string) => page.getByText(text).first().waitFor({ timeout: 10_000 })

  yield* step("the agent looks the order up, and waits for an approval", async () => {
    await page.goto(url)
    await ask("I want my money back for order 1001.")
    await shows("Shall I refund the 49 euros?")
    await page.getByRole("button", { name: "Approve" }).waitFor()
    await picture("1-approval")
    await shows("{\"item\":\"A lamp\",\"price\":49}")
    await shows("$0.0029 in all")
  })

  yield* step("a page that is loaded again shows the same, and the approval still counts", async () => {
    await page.reload()
    await page.getByRole("button", { name: "Approve" }).click()
    await shows("R-1001")
    await shows("The money is on")
  })

  yield* step("a page that is loaded in the middle of an answer shows it to its end", async () => {
    await page.reload()
    await shows("R-1001")
    await shows("Shall I refund the 49 euros?")
    await page.getByRole("button", { name: "Send" }).waitFor({ timeout: 10_000 })
    assert.equal(await page.getByText("The money is on its way.").count(), 1)
    assert.equal(await page.getByText("Let me look that up.").count(), 1)
    await picture("2-answer")
  })

  yield* step("the button stops the run, and what it spends", async () => {
    await ask("Tell me more.")
    await shows("This never ends")
    await page.getByRole("button", { name: "Stop" }).click()
    await page.getByRole("button", { name: "Send" }).waitFor()
  })
  yield* openRouter.awaitInterrupted(1)

  yield* step("a failure shows a text for the user", async () => {
    await ask("And now?")
    await shows("The service is not available at the moment.")
    await picture("3-failure")
    assert.deepEqual(problems, [])
  })
}).pipe(Effect.scoped, Effect.timeout("2 minutes"))

runTest(main)
