/**
 * `npm run docs -- --look`: opens the built site in Chromium. The search finds a word, dark and light change, no page is wider
 * than a phone, and nothing is written to the console as an error. Pictures go to build/site-screenshots.
 */
import { Console, Effect } from "effect"
import assert from "node:assert/strict"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import type { Browser, Page } from "playwright-core"
import { dist, root } from "../site/files.js"
import { serveFolder } from "../site/serve.js"
import { launch } from "./chromium.js"
import { runTest, step } from "./step.js"

const pictures = join(root, "build/site-screenshots")

const shown = {
  landing: "/",
  guide: "/guide/errors.html",
  agent: "/guide/agent.html",
  endpoints: "/endpoints/",
  endpoint: "/endpoints/Chat.html",
  "endpoint-keys": "/endpoints/ApiKeys.html",
  api: "/api/",
  module: "/api/services/Chat.html",
  client: "/api/http/OpenRouterClient/",
  schema: "/api/schema/ChatRequest.html",
  classes: "/api/http/OpenRouterError.html",
  errors: "/reference/errors.html",
  example: "/examples/agent-weather.html",
  changelog: "/project/changelog.html"
}

const sizes = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }

const served = Effect.acquireRelease(
  Effect.promise(() => serveFolder(dist)),
  ({ server }) => Effect.sync(() => server.close())
)

/** A page of a size and a scheme that keeps what the browser complains about. */
const open = async (
  browser: Browser,
  size: keyof typeof sizes,
  colorScheme: "light" | "dark",
  problems: Array<string>
): Promise<Page> => {
  const context = await browser.newContext({ viewport: sizes[size], colorScheme })
  const page = await context.newPage()
  page.on("pageerror", (error) => problems.push(error.message))
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`${message.text()} ${message.location().url}`)
  })
  return page
}

const isDark = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.classList.contains("dark"))

const main = Effect.gen(function*() {
  const { url } = yield* served
  const browser = yield* launch
  const problems: Array<string> = []
  mkdirSync(pictures, { recursive: true })

  for (const size of ["wide", "phone"] as const) {
    for (const scheme of ["light", "dark"] as const) {
      const page = yield* Effect.promise(() => open(browser, size, scheme, problems))
      const picture = (name: string) => page.screenshot({ path: join(pictures, `${name}-${size}-${scheme}.png`) })

      yield* step(`${size}, ${scheme}: no page is wider than the window`, async () => {
        for (const [name, path] of Object.entries(shown)) {
          await page.goto(url + path, { waitUntil: "networkidle" })
          const [content = 0, window = 0] = await page.evaluate(() => [
            document.documentElement.scrollWidth,
            innerWidth
          ])
          assert.ok(content <= window, `${path} is ${content} wide in a window of ${window}`)
          assert.equal(await isDark(page), scheme === "dark")
          await picture(name)
        }
      })

      yield* step(`${size}, ${scheme}: the search finds "retry"`, async () => {
        await page.goto(url, { waitUntil: "networkidle" })
        await page.keyboard.press("Control+k")
        await page.locator("#localsearch-input").fill("retry")
        const first = page.locator("#localsearch-list a").first()
        await first.waitFor()
        assert.match(await first.innerText(), /retr/i)
        await picture("search")
        await first.click()
        await page.waitForURL(/\/(api|guide|reference)\//)
      })
      yield* Effect.promise(() => page.close())
    }
  }

  yield* step("the switch changes light to dark", async () => {
    const page = await open(browser, "wide", "light", problems)
    await page.goto(url, { waitUntil: "networkidle" })
    assert.equal(await isDark(page), false)
    await page.locator(".VPSwitchAppearance").first().click()
    assert.equal(await isDark(page), true)
  })

  yield* step("the console has no error", async () => {
    assert.deepEqual(problems, [])
  })
  yield* Console.log(`The pictures are in ${pictures}`)
}).pipe(Effect.scoped, Effect.timeout("4 minutes"))

runTest(main)
