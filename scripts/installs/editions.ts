/** The two editions as a user installs them: an archive, the packages of Effect beside it, and the Node that they need. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { node } from "../effect4/toolchain.js"
import { edition as folderOf4, output as treeOf4, root } from "../effect4/tree.js"

/** One edition. */
export interface Edition {
  readonly effect: 3 | 4
  /** What npm, pnpm and Bun install: `name@version`. */
  readonly peers: ReadonlyArray<string>
  readonly archive: string
  /** Where its programs are. */
  readonly tree: string
  readonly node: string
  /** The file that does not find a module of Effect where the other Effect is installed. */
  readonly wrongPeer: RegExp
}

const archives = join(root, "build/archives")

const archiveOf = (major: RegExp): string => {
  const name = existsSync(archives) ? readdirSync(archives).find((file) => major.test(file)) : undefined
  if (name === undefined) throw new Error("installs: build/archives lacks an archive. Run npm run archives first")
  return join(archives, name)
}

const versions = (folder: string, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const { devDependencies }: { readonly devDependencies: Readonly<Record<string, string>> } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8")
  )
  return names.map((name) => `${name}@${devDependencies[name]}`)
}

/** Both editions, from what `npm run archives` has written. */
export const editions = (): ReadonlyArray<Edition> => [
  {
    effect: 3,
    peers: versions(root, ["effect", "@effect/platform", "@effect/platform-node"]),
    archive: archiveOf(/-[01]\.\d+\.\d+\.tgz$/),
    tree: root,
    node: process.execPath,
    wrongPeer: /for-effect-3\/index\.js/
  },
  {
    effect: 4,
    peers: versions(folderOf4, ["effect", "@effect/platform-node"]),
    archive: archiveOf(/-4\.\d+\.\d+\.tgz$/),
    tree: treeOf4,
    node: node(),
    wrongPeer: /for-effect-4\/index\.js/
  }
]

/** The variables of a shell whose `node` is that of the edition. What `npm run` sets is not for the managers. */
export const shellOf = ({ node }: Edition): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("npm_"))),
  PATH: `${dirname(node)}${process.platform === "win32" ? ";" : ":"}${process.env["PATH"]}`,
  OPENROUTER_API_KEY: ""
})
