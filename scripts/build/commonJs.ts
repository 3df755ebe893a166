/** What `require` needs beside the modules that are merged: the lists of modules, the declarations, and their kind. */
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import ts from "typescript"
import type { Declaration } from "./declarations.js"

/** A module that only lists others, as CommonJS. */
export const toCommonJs = (code: string): string =>
  ts.transpileModule(withoutMap(code), {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 }
  }).outputText

/** Writes the declarations once more, where they count as those of CommonJS modules. */
export const writeDeclarations = (folder: string, declarations: ReadonlyArray<Declaration>): void => {
  for (const { path, text } of declarations) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, withoutMap(text))
  }
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "commonjs", sideEffects: false }, null, 2) + "\n")
}

const withoutMap = (text: string): string => text.replace(/^\/\/# sourceMappingURL=.*\n?/m, "")
