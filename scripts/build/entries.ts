/** The modules that users may import, as `exports` of package.json promises them, read from the folders of `src`. */
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"

/** Folders whose direct files are public, each under its own path. */
const openFolders = ["schema", "http", "stream", "services", "agent"]

/** Public entries with a path of their own. */
const named = [
  { entry: ".", file: "index.ts" },
  { entry: "./node", file: "node/index.ts" },
  { entry: "./testing", file: "testing/index.ts" },
  { entry: "./testing/server", file: "testing/server/index.ts" }
]

/** Every public entry, as in `import "effect-openrouter/…"` with `.` for the package. */
export const publicEntries = (root: string): ReadonlyArray<string> => [
  ...named.filter(({ file }) => existsSync(join(root, "src", file))).map(({ entry }) => entry),
  ...openFolders.filter((folder) => existsSync(join(root, "src", folder))).flatMap((folder) =>
    readdirSync(join(root, "src", folder)).filter((name) => name.endsWith(".ts")).sort().map((name) =>
      `./${folder}/${name.slice(0, -".ts".length)}`
    )
  )
]

/** The modules behind the public entries, as paths below `src` and `dist` without endings. */
export const publicModules = (root: string): ReadonlyArray<string> =>
  publicEntries(root).map((entry) => {
    const file = named.find((one) => one.entry === entry)?.file.slice(0, -".ts".length)
    return file ?? entry.slice("./".length)
  })

/** Every module that users may not import. */
export const privateEntries = (root: string): ReadonlyArray<string> => {
  const open = new Set(publicEntries(root))
  return readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts") && !named.some(({ file }) => file === path))
    .map((path) => `./${path.slice(0, -".ts".length)}`)
    .filter((entry) => !open.has(entry))
    .sort()
}
