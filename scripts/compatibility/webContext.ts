/** A worker's view of the world: the globals of the web platform, and nothing of Node. */
import { createContext, runInContext } from "node:vm"

const names = [
  "AbortController",
  "AbortSignal",
  "ArrayBuffer",
  "Blob",
  "DOMException",
  "Error",
  "Event",
  "EventTarget",
  "File",
  "FormData",
  "Headers",
  "ReadableStream",
  "Request",
  "Response",
  "TextDecoder",
  "TextEncoder",
  "TransformStream",
  "TypeError",
  "URL",
  "URLSearchParams",
  "Uint8Array",
  "WritableStream",
  "atob",
  "btoa",
  "clearInterval",
  "clearTimeout",
  "console",
  "crypto",
  "performance",
  "queueMicrotask",
  "setInterval",
  "setTimeout",
  "structuredClone"
]

/** Runs a script and gives what it left in a global of its own. */
export const runInWebContext = (script: string, global: string): unknown => {
  const context = createContext(Object.fromEntries(names.map((name) => [name, Reflect.get(globalThis, name)])))
  runInContext(script, context)
  return runInContext(`globalThis.${global}`, context)
}
