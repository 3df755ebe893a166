/** A headless Chromium of this machine, for as long as the scope lives. */
import { Effect } from "effect"
import { existsSync } from "node:fs"
import { type Browser, chromium } from "playwright-core"

/** Where Debian puts it, unless `CHROMIUM` says otherwise. */
export const executablePath: string = process.env["CHROMIUM"] ?? "/usr/bin/chromium"

export const isInstalled: boolean = existsSync(executablePath)

const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // a name that is no secure context, as a page on a server in the house would have
  "--host-resolver-rules=MAP insecure.test 127.0.0.1"
]

export const launch = Effect.acquireRelease(
  Effect.promise(() => chromium.launch({ executablePath, headless: true, args })),
  (browser: Browser) => Effect.promise(() => browser.close())
)
