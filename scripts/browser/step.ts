/** The steps of a test in a browser, and where its pictures go. */
import { Console, Effect } from "effect"
import { mkdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { executablePath, isInstalled } from "./chromium.js"

export const pictures: string = fileURLToPath(new URL("../../build/browser/", import.meta.url))

/** Prints a title with how the step ended. */
export const step = <A>(title: string, run: () => Promise<A>): Effect.Effect<A> =>
  Effect.promise(run).pipe(
    Effect.tap(() => Console.log(`✓ ${title}`)),
    Effect.tapErrorCause(() => Console.error(`✗ ${title}`))
  )

/** Runs a test; without Chromium it prints that it is skipped. */
export const runTest = <E>(main: Effect.Effect<void, E>): void => {
  if (!isInstalled) {
    console.log(
      `test:browser: skipped, because no Chromium is at ${executablePath}. Install it, or set CHROMIUM to its path.`
    )
    return
  }
  mkdirSync(pictures, { recursive: true })
  Effect.runPromise(main).catch((error: unknown) => {
    console.error(error)
    process.exitCode = 1
  })
}
