/**
 * The third part of `npm run test:browser`: runs the page of examples/query in a real Chromium, under React's StrictMode. It counts
 * what the page requests. A screenshot goes to build/browser. Without Chromium it prints that it is skipped.
 */
import { Effect } from "effect"
import assert from "node:assert/strict"
import { page as serve } from "../../examples/query/serve.js"
import { launch } from "./chromium.js"
import { pictures, runTest, step } from "./step.js"

const main = Effect.gen(function*() {
  const { openRouter, url } = yield* serve()
  const browser = yield* launch
  const page = yield* Effect.promise(() => browser.newPage({ viewport: { width: 760, height: 480 } }))
  const problems: Array<string> = []
  page.on("pageerror", (error) => problems.push(error.message))
  const shows = (text: string) => page.getByText(text).first().waitFor({ timeout: 10_000 })
  const click = (name: string) => page.getByRole("button", { name }).click()
  const count = (method: string, path: string) =>
    Effect.map(openRouter.requests, (all) => all.filter((one) => one.method === method && one.path === path).length)

  yield* step("queries are sent once, under StrictMode too, and one of them suspends", async () => {
    await page.goto(url)
    await shows("3.5 USD are left.")
    await shows("invoices")
    assert.equal(await page.getByText("notes").count(), 0)
  })
  assert.deepEqual([yield* count("GET", "/credits"), yield* count("GET", "/workspaces")], [1, 1])

  yield* step("an error has its tag", () => shows("That key is gone."))
  assert.equal(yield* count("GET", "/keys/lost"), 1)

  yield* step("pages follow each other to the last one", async () => {
    await click("More")
    await shows("poems")
    await click("More")
    await shows("lists")
    assert.equal(await page.getByRole("button", { name: "More" }).isDisabled(), true)
  })
  assert.equal(yield* count("GET", "/workspaces"), 3)

  yield* step("a mutation makes its resource stale, which is read again", async () => {
    await click("Delete the letters")
    await page.getByText("letters", { exact: true }).waitFor({ state: "detached", timeout: 10_000 })
    await shows("lists")
  })
  assert.equal(yield* count("DELETE", "/workspaces/letters"), 1)

  yield* step("a query that no component needs any more closes its request", async () => {
    await click("Look for a slow key")
    await shows("Still looking")
    await page.screenshot({ path: `${pictures}query.png` })
    await click("Stop")
  })
  yield* openRouter.awaitInterrupted(1)
  assert.deepEqual(problems, [])
}).pipe(Effect.scoped, Effect.timeout("1 minute"))

runTest(main)
