import { assert, describe, it } from "@effect/vitest"
import { build, transform } from "esbuild"
import { readdirSync, readFileSync } from "node:fs"
import { annotatePure } from "../../scripts/build/annotatePure.js"
import { root } from "../generate/support/document.js"

/** Bytes that a program pays for what it imports, without Effect, bundled from modules as the build leaves them. */
const bundled = async (imports: string): Promise<number> => {
  const result = await build({
    stdin: { contents: imports, resolveDir: `${root}src/schema`, loader: "ts" },
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
    external: ["effect", "effect/*", "@effect/*"],
    plugins: [{
      name: "built",
      setup: (bundler) => {
        bundler.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
          const { code } = await transform(readFileSync(path, "utf8"), { loader: "ts", target: "es2022" })
          return { contents: annotatePure(code), loader: "js" }
        })
      }
    }]
  })
  return result.outputFiles.reduce((bytes, file) => bytes + file.contents.length, 0)
}

const limit = 10_000

/** Answers that can hold every kind of block, item, event or destination there is. */
const large: ReadonlyArray<readonly [name: RegExp, limit: number]> = [
  [/ObservabilityDestinations?Response$/, 12_500],
  [/^Messages/, 14_000],
  [/^(OpenResponsesResult|StreamEvents)$/, 40_000]
]

const limitOf = (name: string): number => large.find(([pattern]) => pattern.test(name))?.[1] ?? limit

/** What the rows of a resource import as values: the schemas of their answers. */
const answers = (): ReadonlyArray<readonly [name: string, module: string]> => {
  const folder = `${root}src/services/endpoints`
  const imports = readdirSync(folder).flatMap((file) => [
    ...readFileSync(`${folder}/${file}`, "utf8").matchAll(/^import \{([^}]*)\} from "..\/..\/schema\/(\w+).js"/gm)
  ])
  const found = imports.flatMap(([, names = "", module = ""]) =>
    names.split(",").map((name) => [name.trim(), module] as const)
  )
  return [...new Map(found.filter(([name]) => !name.startsWith("type "))).entries()].sort()
}

describe("bundle", () => {
  it("the schema of one response imports little besides itself", { timeout: 60_000 }, async () => {
    const sizes = await Promise.all(
      answers().map(async ([name, module]) => {
        const bytes = await bundled(`import { ${name} } from "./${module}.js"\nconsole.log(${name})`)
        return [name, bytes] as const
      })
    )
    assert.isAbove(sizes.length, 80)
    const tooLarge = sizes.filter(([name, bytes]) => bytes >= limitOf(name))
    assert.deepStrictEqual(tooLarge, [])
    const [largest, ...others] = sizes.filter(([name]) => limitOf(name) === limit).sort((a, b) => b[1] - a[1])
    const median = others[Math.floor(others.length / 2)]
    console.log(`schema of one response: ${median?.[1]} bytes (median), ${largest?.[1]} (${largest?.[0]})`)
    console.log(sizes.filter(([name]) => limitOf(name) !== limit).map((size) => size.join(" ")).join(", "))
  })

  it("an imported schema that is not used adds no bytes", async () => {
    const all = answers().map(([, module]) => `import * as _${module} from "./${module}.js"`)
    assert.isBelow(await bundled([...new Set(all)].join("\n")), 100)
  })

  it("types of requests add no bytes", async () => {
    const request =
      `import type { ChatRequest } from "./ChatRequest.js"\nexport const request: ChatRequest = { messages: [] }`
    assert.isBelow(await bundled(request), 100)
  })
})
