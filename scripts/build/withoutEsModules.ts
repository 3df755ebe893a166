/** The options with which Node can require CommonJS alone, as older versions of it, and as Jest. */
export const withoutEsModules: ReadonlyArray<string> = process.features.require_module === true
  ? ["--no-experimental-require-module"]
  : []
