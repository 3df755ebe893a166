/** The `package.json` of the Effect 4 edition: that of the project, with its own version and its own peers. */

import * as for4 from "../../effect4/scripts/build/edition.js"
import * as for3 from "../build/edition.js"
import type { Export } from "../build/entries.js"

interface Manifest {
  readonly version: string
  readonly files: ReadonlyArray<string>
  readonly exports: Readonly<Record<string, Export>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
}

/** The first number of the version says the Effect that it is for; the others are those of the project. */
export const versionFor4 = (version: string): string => version.replace(/^\d+/, "4")

const optional = "@effect/platform-node"

/** Effect 4 has ES modules alone, which the Node that it needs can also `require`: CommonJS modules would be copies. */
const esModule = (address: Export): string =>
  typeof address === "string" ? address : address.default.replace(for3.builtFolder, for4.builtFolder)

/** The text of the manifest, from those of the project and of `effect4`. */
export const manifestFor4 = (project: string, edition: string): string => {
  const ours: Manifest = JSON.parse(project)
  const { devDependencies }: Manifest = JSON.parse(edition)
  const range = (name: string) => `^${devDependencies[name]}`
  const others = Object.entries(ours.peerDependencies).filter(([name]) => !/^(@effect\/|effect$)/.test(name))
  return `${
    JSON.stringify(
      {
        ...ours,
        version: versionFor4(ours.version),
        description: `${Object(ours).description} (for Effect 4)`,
        files: [...ours.files, `!${for4.builtFolder}/cjs`],
        exports: Object.fromEntries(Object.entries(ours.exports).map(([name, to]) => [name, esModule(to)])),
        scripts: undefined,
        allowScripts: undefined,
        peerDependencies: { [optional]: range(optional), ...Object.fromEntries(others), effect: range("effect") },
        peerDependenciesMeta: Object.fromEntries(
          [optional, ...others.map(([name]) => name)].map((name) => [name, { optional: true }])
        ),
        devDependencies
      },
      undefined,
      2
    )
  }\n`
}
