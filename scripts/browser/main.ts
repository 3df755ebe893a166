/**
 * `npm run test:browser`: runs the page of examples/browser in a real Chromium against the scripted server. It declines a
 * login, logs in, streams chats, stops one, and receives a forged callback. Screenshots go to build/browser. Without
 * Chromium it prints that it is skipped.
 */
import { Console, Effect, Redacted } from "effect"
import { Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"
import assert from "node:assert/strict"
import type { Page, Request } from "playwright-core"
import { serve } from "../../examples/browser/server.js"
import { loginPage } from "../../examples/support/loginPage.js"
import { launch } from "./chromium.js"
import { pictures, runTest, step } from "./step.js"

const key = "sk-or-v1-of-the-browser-test"
const words = ["One ", "word ", "at ", "a ", "time, ", "<b>as ", "text</b>."]

const turns: Script.Script = [
  Script.turn(Script.text(words), { pace: "50 millis" }),
  ["This response never ends", Script.stall],
  Script.error(402, { message: "Insufficient credits" })
]

const main = Effect.gen(function*() {
  const openRouter = yield* ScriptedServer.make({ turns, handlers: loginPage(Redacted.make(key)) })
  const { port, size, url } = yield* serve({ api: openRouter.url })
  yield* Console.log(`The page's script has ${Math.round(size / 1024)} KiB, minified.`)
  const browser = yield* launch
  yield* Console.log(`Chromium ${browser.version()}`)
  const page = yield* Effect.promise(() => browser.newPage({ viewport: { width: 800, height: 600 } }))
  const watched = watch(page)
  const status = page.locator("#status")
  const picture = (name: string) => page.screenshot({ path: `${pictures}${name}.png` })
  const says = (text: string) => status.filter({ hasText: text }).waitFor({ timeout: 10_000 })
  const inFrontOfTheLogin = () => page.getByRole("link", { name: "Allow" }).waitFor()
  const begin = async (): Promise<void> => {
    await page.goto(url)
    await page.getByRole("button", { name: "Log in with OpenRouter" }).click()
    await inFrontOfTheLogin()
  }
  const kept = () => page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))

  yield* step("a declined login shows a message and stores nothing", async () => {
    await begin()
    await picture("1-login-page")
    await page.getByRole("link", { name: "Decline" }).click()
    await says("The login was rejected")
    assert.equal(page.url(), url)
    assert.equal(await kept(), "{}")
    assert.equal(watched.requests("/auth/keys").length, 0)
  })

  yield* step("a forged callback does not end the login, and asks for no key", async () => {
    await begin()
    await page.goto(`${url}?code=evil&state=guess`)
    await says("does not belong to this login")
    assert.equal(watched.requests("/auth/keys").length, 0)
  })

  yield* step("a callback without a login changes nothing", async () => {
    await page.goto(`${url}?code=evil`)
    await page.getByRole("button", { name: "Log in with OpenRouter" }).waitFor()
    assert.equal(await status.textContent(), "")
    assert.equal(watched.requests("/auth/keys").length, 0)
  })

  yield* step("an allowed login gives the key to this page only", async () => {
    await begin()
    await page.getByRole("link", { name: "Allow" }).click()
    await says("Logged in as user_demo.")
    await picture("2-logged-in")
    assert.equal(page.url(), url)
    assert.equal(await kept(), "{}")
    assert.ok(!(await page.content()).includes(key))
    const [exchange, ...others] = watched.requests("/auth/keys")
    assert.equal(others.length, 0)
    assert.equal(exchange?.headers()["authorization"], undefined)
    const { code_verifier, ...rest } = exchange?.postDataJSON() ?? {}
    assert.match(code_verifier, /^[\w-]{43}$/)
    assert.deepEqual(Object.keys(rest).sort(), ["code", "code_challenge_method"])
  })

  yield* step("a response appears word by word, as text", async () => {
    await page.evaluate(() => {
      const seen: Array<string> = []
      Object.assign(window, { seen })
      new MutationObserver(() => {
        seen.push(document.querySelector("#turns .assistant")?.textContent ?? "")
      }).observe(document.body, { childList: true, characterData: true, subtree: true })
    })
    await page.getByRole("textbox").fill("Hello?")
    await page.getByRole("button", { name: "Send" }).click()
    await page.locator("#turns .assistant").filter({ hasText: words.join("") }).waitFor()
    const seen: ReadonlyArray<string> = await page.evaluate("window.seen")
    const expected = words.map((_, index) => words.slice(0, index + 1).join(""))
    assert.deepEqual([...new Set(seen)].filter((text) => text !== ""), expected)
    assert.equal(await page.locator("#turns b").count(), 0)
    const [chat] = watched.requests("/chat/completions")
    assert.equal(chat?.headers()["authorization"], `Bearer ${key}`)
    await page.getByRole("button", { name: "Stop" }).waitFor({ state: "hidden" })
    await picture("3-answered")
  })

  yield* step("Stop closes the connection, and the page keeps the partial response", async () => {
    await page.getByRole("textbox").fill("And for ever?")
    await page.getByRole("button", { name: "Send" }).click()
    await page.locator("#turns .assistant").filter({ hasText: "This response never ends" }).waitFor()
    await page.getByRole("button", { name: "Stop" }).click()
    await says("Stopped.")
    await picture("4-stopped")
  })
  yield* openRouter.awaitInterrupted(1)

  yield* step("an error of OpenRouter is shown with its advice", async () => {
    await page.getByRole("textbox").fill("How much?")
    await page.getByRole("button", { name: "Send" }).click()
    await says("Insufficient credits")
    const last = watched.requests("/chat/completions").at(-1)?.postDataJSON()
    assert.deepEqual(last.messages.map(({ role }: { readonly role: string }) => role), [
      "user",
      "assistant",
      "user",
      "assistant",
      "user"
    ])
  })

  yield* step("a page without a secure context cannot start a login, and shows the reason", async () => {
    await page.goto(`http://insecure.test:${port}/`)
    await page.getByRole("button", { name: "Log in with OpenRouter" }).click()
    await says("Serve it over https")
  })

  yield* step("the page has no other errors", async () => {
    assert.deepEqual(watched.problems, [])
  })
}).pipe(Effect.scoped, Effect.timeout("2 minutes"))

/** The requests of the page and its errors. Failed statuses are part of the script, so they do not count. */
const watch = (page: Page) => {
  const sent: Array<Request> = []
  const problems: Array<string> = []
  page.on("request", (request) => sent.push(request))
  page.on("pageerror", (error) => problems.push(error.message))
  page.on("console", (message) => {
    const text = message.text()
    if (message.type() === "error" && !/favicon|status of 402/.test(`${message.location().url} ${text}`)) {
      problems.push(text)
    }
  })
  return {
    problems,
    requests: (path: string) => sent.filter((request) => new URL(request.url()).pathname === `/api/v1${path}`)
  }
}

runTest(main)
