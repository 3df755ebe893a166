/** What a program costs its user before it does anything: bytes to load and modules to evaluate. */
import { build, type BuildOptions, transform } from "esbuild"
import { dirname, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { rollup } from "rollup"
import { builtFolder } from "../build/edition.js"

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

/** The same by Rollup, which unlike esbuild also drops what nobody uses of a namespace that the main entry exports. */
export const sizeByRollup = async (program: string): Promise<Measures> => {
  const bundle = await rollup({
    input: "program",
    // As `sideEffects: false` of the packages says
    treeshake: { moduleSideEffects: (id) => id === "program" },
    onwarn: () => {},
    plugins: [{
      name: "packages",
      resolveId: (id, importer) =>
        id === "program"
          ? id
          : id.startsWith(".") && importer !== undefined
          ? resolve(dirname(importer), id)
          // What is built, not what the paths of tsconfig.json lead to
          : fileURLToPath(import.meta.resolve(id)).replace(`${root}src/`, `${root}${builtFolder}/`).replace(
            /\.ts$/,
            ".js"
          ),
      load: (id) => id === "program" ? program : undefined
    }]
  })
  const { output: [{ code, modules }] } = await bundle.generate({ format: "es" })
  const minified = await transform(code, { minify: true, format: "esm", target: "es2022" })
  return {
    "bytes, gzip": gzipSync(minified.code, { level: 9 }).length,
    "modules of ours":
      Object.entries(modules).filter(([id, { renderedLength }]) => id.startsWith(`${root}dist/`) && renderedLength > 0)
        .length
  }
}

/** Modules that are evaluated where nothing shakes the tree, as when Node imports an entry. */
export const startUp = async (entry: string): Promise<Measures> => {
  const { metafile } = await bundle(`import "${entry}"`, {
    ignoreAnnotations: true,
    conditions: ["node"],
    external: ["node:*"]
  })
  const paths = Object.keys(metafile.inputs).filter((path) => path !== "<stdin>")
  return { "modules": paths.length, "modules of ours": paths.filter(isOurs).length }
}
