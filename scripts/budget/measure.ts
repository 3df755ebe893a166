/** What a program costs its user before it does anything: bytes to load and modules to evaluate. */
import { build, type BuildOptions } from "esbuild"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"

const root: string = fileURLToPath(new URL("../..", import.meta.url))

const bundle = (program: string, options: BuildOptions) =>
  build({
    ...options,
    stdin: { contents: program, resolveDir: root, loader: "js" },
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    metafile: true,
    write: false,
    absWorkingDir: root,
    tsconfigRaw: {} // what is built, not what its paths lead to
  })

const isOurs = (path: string): boolean => path.startsWith("dist/")

/** A measured program: names of what was counted, and how many there are. */
export type Measures = Readonly<Record<string, number>>

/** Minified, with Effect in it: bytes after gzip, and how many modules of this library have something in it. */
export const size = async (program: string): Promise<Measures> => {
  const { metafile, outputFiles } = await bundle(program, { minify: true })
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs))
  return {
    "bytes, gzip": (outputFiles ?? []).reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0),
    "modules of ours": inputs.filter(([path, { bytesInOutput }]) => isOurs(path) && bytesInOutput > 0).length
  }
}

/** Modules that are evaluated where nothing shakes the tree, as when Node imports an entry. */
export const startUp = async (entry: string): Promise<Measures> => {
  const { metafile } = await bundle(`import "${entry}"`, { ignoreAnnotations: true, external: ["node:*"] })
  const paths = Object.keys(metafile.inputs).filter((path) => path !== "<stdin>")
  return { "modules": paths.length, "modules of ours": paths.filter(isOurs).length }
}
