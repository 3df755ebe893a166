/**
 * The formatter as a function, for scripts that write TypeScript: the same plugin and the same `dprint.json` as
 * `npm run format`, so that what they write passes the lint.
 */
import { createFromBuffer, type Formatter } from "@dprint/formatter"
import { getPath } from "@dprint/typescript"
import { readFileSync } from "node:fs"

let formatter: Formatter | undefined

const load = (): Formatter => {
  const config: { readonly typescript: Record<string, unknown> } = JSON.parse(
    readFileSync(new URL("../../dprint.json", import.meta.url), "utf8")
  )
  const loaded = createFromBuffer(readFileSync(getPath()))
  loaded.setConfig({}, config.typescript)
  const [problem] = loaded.getConfigDiagnostics()
  if (problem !== undefined) {
    throw new Error(`dprint.json: ${problem.propertyName}: ${problem.message}`)
  }
  return loaded
}

/** The text in this project's style; throws where it is not valid TypeScript. `path` decides the dialect. */
export const formatTypeScript = (path: string, text: string): string => {
  formatter ??= load()
  return formatter.formatText({ filePath: path, fileText: text })
}
