/**
 * npm runs it after an install that changed `node_modules` (the script `dependencies` of package.json): it adds the
 * platform packages to package-lock.json that npm left out because its registry has no copy of them. Without them
 * `npm ci` rejects the lock file, and the tools miss their binaries on other platforms. An argument names another folder
 * whose lock file is to be completed, such as `bench/effect-ai`.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** An entry of `packages` in a lock file, as far as it matters here. The entry of the project itself is named "". */
export interface LockedPackage {
  readonly version?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly os?: ReadonlyArray<string>
  readonly cpu?: ReadonlyArray<string>
  readonly libc?: ReadonlyArray<string>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** A lock file by the paths of its packages. */
export type LockedPackages = Readonly<Record<string, LockedPackage>>

/** An optional dependency that the lock file does not hold. */
export interface Missing {
  readonly of: string
  readonly name: string
  readonly range: string
}

const systems = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"]
const processors = ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "x64"]

const isLocked = (packages: LockedPackages, of: string, name: string): boolean => {
  const folders = of.split("/node_modules/")
  return folders.some((_, depth) =>
    Object.hasOwn(packages, [...folders.slice(0, folders.length - depth), name].join("/node_modules/"))
  ) || Object.hasOwn(packages, `node_modules/${name}`)
}

/** The optional dependencies of locked packages that are not locked themselves. */
export const missingOptional = (packages: LockedPackages): ReadonlyArray<Missing> =>
  Object.entries(packages).flatMap(([of, { optionalDependencies }]) =>
    Object.entries(optionalDependencies ?? {})
      .filter(([name]) => !isLocked(packages, of, name))
      .map(([name, range]) => ({ of, name, range }))
  )

/** The entry of a platform package, read from its exact version and from the platform in its name. */
export const entryOf = ({ name, range }: Missing): LockedPackage => {
  const words = name.split(/[/-]/)
  const os = systems.find((system) => words.includes(system))
  const cpu = processors.find((processor) => words.includes(processor))
  if (os === undefined || cpu === undefined || !/^\d+\.\d+\.\d+$/.test(range)) {
    throw new Error(`${name}@${range} is not the package of one platform: lock it with a registry that has it`)
  }
  const libc = words.some((word) => word.startsWith("musl"))
    ? ["musl"]
    : words.some((word) => /^(gnu|glibc)/.test(word))
    ? ["glibc"]
    : undefined
  return {
    version: range,
    cpu: [cpu],
    dev: true,
    ...(os === "linux" && libc !== undefined ? { libc } : {}),
    optional: true,
    os: [os]
  }
}

const [, script, folder = "."] = process.argv
if (script === fileURLToPath(import.meta.url)) {
  const path = new URL(`../../${folder}/package-lock.json`, import.meta.url)
  const lock: { readonly packages: LockedPackages } = JSON.parse(readFileSync(path, "utf8"))
  const added = missingOptional(lock.packages).map((missing) =>
    [`node_modules/${missing.name}`, entryOf(missing)] as const
  )
  if (added.length > 0) {
    const packages = [...Object.entries(lock.packages), ...added].sort(([a], [b]) => a.localeCompare(b, "en"))
    writeFileSync(path, JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2) + "\n")
    console.log(`${added.length} platform packages added to package-lock.json`)
  }
}
