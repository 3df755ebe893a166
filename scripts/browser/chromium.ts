/** Starts the Chromium of this machine without a window; the scope closes it. */
import { Effect } from "effect"
import { existsSync } from "node:fs"
import { type Browser, chromium } from "playwright-core"

/** The path in `CHROMIUM`, by default Debian's. */
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
  // A name without a secure context, like a server on a local network
  "--host-resolver-rules=MAP insecure.test 127.0.0.1"
]

export const launch = Effect.acquireRelease(
  Effect.promise(() => chromium.launch({ executablePath, headless: true, args })),
  (browser: Browser) => Effect.promise(() => browser.close())
)
