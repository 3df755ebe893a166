/** A program as one script for where there are no modules of Node. */
import { build } from "esbuild"

/** Bundles for no platform at all, so that a module of Node anywhere in it is an error. */
export const bundleForTheWeb = async (file: string): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    minify: true,
    format: "iife",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    write: false
  })
  const [script] = outputFiles
  if (script === undefined) throw new Error("esbuild wrote nothing")
  return script.text
}
