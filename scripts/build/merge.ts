/**
 * What users cannot import on its own needs no file of its own: to find, read and link a module costs the start of a
 * program more than to run it. Private modules move into the public ones that use them, and those that several use into
 * a few in `dist/internal`. Nothing is minified, the public modules stay where they are, and the maps lead to `src`.
 */
import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { type OutputOptions, rollup } from "rollup"

/**
 * Merges the modules of a folder into those that `open` names without their endings, once as ES modules in their place
 * and once as CommonJS in another folder; how many are left. The modules import from each other by relative paths, and
 * none does anything by being loaded. Each of those that are open first imports `first`.
 */
export const mergePrivate = async (
  folder: string,
  commonJs: string,
  modules: ReadonlyArray<string>,
  open: ReadonlyArray<string>,
  first: string
): Promise<number> => {
  const bundle = await rollup({
    input: Object.fromEntries(open.map((name) => [name, join(folder, `${name}.js`)])),
    external: (id) => !id.startsWith(".") && !id.startsWith(folder),
    treeshake: { moduleSideEffects: false, propertyReadSideEffects: false, unknownGlobalSideEffects: false },
    plugins: [{
      name: "maps",
      load: (id) => ({ code: readFileSync(id, "utf8"), map: readFileSync(`${id}.map`, "utf8") }),
      // Imports that are there for the order of loading alone; the empty lines keep the maps right
      renderChunk: (code, { isEntry }, { format }) => {
        const own = code.replace(/^(import '[^']+'|require\('[^']+'\));$/gm, "")
        return { code: isEntry ? withFirst(own, first, format) : own, map: null }
      }
    }],
    onwarn: (warning) => {
      if (warning.code !== "EMPTY_BUNDLE") throw new Error(warning.message) // the modules of types alone are empty
    }
  })
  for (const path of modules) {
    rmSync(join(folder, path))
    rmSync(join(folder, `${path}.map`))
  }
  const { output } = await bundle.write({ ...layout, dir: folder, sourcemap: true })
  await bundle.write({
    ...layout,
    dir: commonJs,
    format: "cjs",
    exports: "named",
    esModule: true,
    generatedCode: "es2015",
    // All that is imported are modules of Effect, whose names are those of the ES modules, and modules of Node by name
    interop: "esModule",
    externalLiveBindings: false,
    freeze: false
  })
  return output.filter(({ type }) => type === "chunk").length
}

/**
 * An import for the sake of failing, without a line of its own, which would move the lines that the maps speak of. For an
 * import without braces esbuild warns that it drops it.
 */
export const importOf = (module: string, format: string): string =>
  format === "es" ? `import {} from "${module}"; ` : `require("${module}"); `

const withFirst = (code: string, first: string, format: string): string =>
  code.replace(/^('use strict';)?/, (strict) => `${strict}${strict && " "}${importOf(first, format)}`)

const layout: OutputOptions = {
  chunkFileNames: "internal/[name].js",
  hoistTransitiveImports: false,
  minifyInternalExports: false
}
