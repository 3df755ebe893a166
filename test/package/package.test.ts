import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { entryOf, type LockedPackages, missingOptional } from "../../scripts/build/completeLock.js"
import { unexpectedFiles } from "../../scripts/build/contents.js"
import { type Export, exportsOf, privateEntries, publicEntries } from "../../scripts/build/entries.js"
import * as extend from "../../src/extend.js"
import * as main from "../../src/index.js"

const root = fileURLToPath(new URL("../..", import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), "utf8")

interface Manifest {
  readonly sideEffects: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>
  readonly exports: Readonly<Record<string, Export>>
}

const manifest: Manifest = JSON.parse(read("package.json"))
const lock: { readonly packages: LockedPackages } = JSON.parse(read("package-lock.json"))

describe("package.json", () => {
  it("asks users for effect and @effect/platform, for an entry of its own also for its packages, and for no more", () => {
    assert.isUndefined(manifest.dependencies)
    const names = Object.keys(manifest.peerDependencies)
    const optionalOnes = [
      "@effect/ai",
      "@effect/cluster",
      "@effect/platform-node",
      "@effect/sql",
      "@effect/workflow",
      "@modelcontextprotocol/client",
      "@modelcontextprotocol/server",
      "@tanstack/query-core"
    ]
    assert.sameMembers(names, ["effect", "@effect/platform", ...optionalOnes])
    const optional = names.filter((name) => manifest.peerDependenciesMeta[name]?.optional === true)
    assert.deepStrictEqual(optional, optionalOnes)
  })

  it("pins what it is built and tested with, and tests with each peer", () => {
    const loose = Object.entries(manifest.devDependencies).filter(([, range]) =>
      !/^(npm:.+@)?\d+\.\d+\.\d+$/.test(range)
    )
    assert.deepStrictEqual(loose, [])
    for (const name of Object.keys(manifest.peerDependencies)) {
      assert.isDefined(manifest.devDependencies[name], name)
    }
  })

  it("may be tree-shaken", () => assert.isFalse(manifest.sideEffects))

  it("exports what the entries of the library list, and no more", () =>
    assert.deepStrictEqual(manifest.exports, exportsOf(publicEntries(root)), "run npm run exports"))

  it("gives each class and each function one address", () => {
    const addresses = new Map<unknown, Array<string>>()
    for (const [namespace, module] of [...Object.entries(main), ...Object.entries(extend)]) {
      for (const [name, value] of Object.entries<unknown>(module)) {
        if (typeof value !== "function") continue
        addresses.set(value, [...(addresses.get(value) ?? []), `${namespace}.${name}`])
      }
    }
    assert.deepStrictEqual([...addresses.values()].filter(({ length }) => length > 1), [])
  })
})

describe("the lock file", () => {
  it("names no registry", () => assert.notMatch(read("package-lock.json"), /"resolved"|registry\./))

  it("holds the packages of every platform, as npm ci demands", () =>
    assert.deepStrictEqual(missingOptional(lock.packages), [], "run npm install"))

  it("locks what package.json asks for", () => {
    const { devDependencies, peerDependencies } = manifest
    assert.deepStrictEqual(lock.packages[""]?.devDependencies, devDependencies)
    assert.deepStrictEqual(lock.packages[""]?.peerDependencies, peerDependencies)
  })
})

describe("completeLock", () => {
  const packages = {
    "": { optionalDependencies: { a: "1.0.0", "@b/linux-x64": "1.0.0" } },
    "node_modules/a": { version: "1.0.0", optionalDependencies: { c: "1.0.0", d: "1.0.0" } },
    "node_modules/a/node_modules/c": { version: "1.0.0" },
    "node_modules/e": { version: "1.0.0", optionalDependencies: { a: "1.0.0", c: "1.0.0" } }
  }

  it("finds the optional packages that are not locked where they would be looked for", () =>
    assert.deepStrictEqual(missingOptional(packages), [
      { of: "", name: "@b/linux-x64", range: "1.0.0" },
      { of: "node_modules/a", name: "d", range: "1.0.0" },
      { of: "node_modules/e", name: "c", range: "1.0.0" }
    ]))

  it("reads the platform from the name", () => {
    const entry = (name: string) => entryOf({ of: "", name, range: "1.2.3" })
    const common = { version: "1.2.3", dev: true, optional: true }
    assert.deepStrictEqual(entry("@a/b-linux-arm-musleabihf"), {
      ...common,
      cpu: ["arm"],
      libc: ["musl"],
      os: ["linux"]
    })
    assert.deepStrictEqual(entry("@a/linux-x64-gnu"), { ...common, cpu: ["x64"], libc: ["glibc"], os: ["linux"] })
    assert.deepStrictEqual(entry("@a/b-win32-arm64-msvc"), { ...common, cpu: ["arm64"], os: ["win32"] })
    assert.deepStrictEqual(entry("@a/android-arm-eabi"), { ...common, cpu: ["arm"], os: ["android"] })
    assert.throws(() => entry("fsevents"), /fsevents@1\.2\.3 is not the package of one platform/)
    assert.throws(() => entryOf({ of: "", name: "@a/linux-x64", range: "^1.2.3" }))
  })
})

describe("the published package", () => {
  it("tells expected from unexpected files", () =>
    assert.deepStrictEqual(
      unexpectedFiles([
        "package.json",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "docs/agent.md",
        "examples/demo.ts",
        "dist/for-effect-3/cjs/index.js",
        "dist/for-effect-4/cjs/package.json",
        "dist/for-effect-4/http/A.js",
        "dist/for-effect-3/http/A.d.ts.map",
        "src/http/A.ts",
        "src/http/A.test.ts",
        "src/openapi.json",
        "test/a.test.ts",
        "dist/for-effect-3/fixture.txt",
        "dist/http/A.js",
        "docs/benchmarks.json",
        "tsconfig.json"
      ]),
      [
        "src/http/A.test.ts",
        "src/openapi.json",
        "test/a.test.ts",
        "dist/for-effect-3/fixture.txt",
        "dist/http/A.js",
        "docs/benchmarks.json",
        "tsconfig.json"
      ]
    ))

  it("holds code and its documentation only", () => {
    const [packed]: ReadonlyArray<{ readonly files: ReadonlyArray<{ readonly path: string }> }> = JSON.parse(
      execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
        cwd: root,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"]
      })
    )
    const paths = (packed?.files ?? []).map((file) => file.path)
    assert.deepStrictEqual(unexpectedFiles(paths), [])
    assert.includeMembers(paths, ["package.json", "LICENSE", "CHANGELOG.md", "src/http/OpenRouterError.ts"])
    const links = [...read("README.md").matchAll(/\]\((?!https?:|#)([^)#]+)/g)].flatMap(([, link]) => link ?? [])
    assert.isAbove(links.length, 0)
    const dead = links.filter((link) => !paths.some((path) => path === link || path.startsWith(link)))
    assert.deepStrictEqual(dead, [])
  })

  it("opens the namespaces of its entries and the schemas, and keeps everything else to itself", () => {
    const open = publicEntries(root)
    const closed = privateEntries(root)
    const addresses = open.map(({ address }) => address)
    assert.includeMembers(addresses, [".", "./extend", "./http/OpenRouterError", "./http/Endpoint", "./schema/Chat"])
    for (const module of [...open.map(({ module }) => module), ...closed]) {
      assert.isTrue(existsSync(join(root, "src", `${module}.ts`)), module)
    }
    assert.deepStrictEqual(addresses.filter((address) => /internal|endpoints|\/[a-z]\w*$/.test(address)), [
      "./extend",
      "./ai",
      "./durable",
      "./durable/cluster",
      "./mcp",
      "./mcp/server",
      "./mcp/stdio",
      "./node",
      "./query",
      "./sql",
      "./testing",
      "./testing/server",
      "./ui"
    ])
    assert.includeMembers([...closed], [
      "./http/kernel",
      "./http/row",
      "./internal/json",
      "./response/chatProtocol",
      "./schema/guard",
      "./schema/prelude",
      "./services/endpoints/Chat"
    ])
  })
})
