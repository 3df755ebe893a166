/** To be bundled: what it starts is left to whoever loads it, in a browser, in a worker or in neither. */
import { expected, run } from "./program.mjs"

globalThis.started = run().then((result) => ({ expected, result }))
