/** Import declarations. */

export const importText = (names: ReadonlyArray<string>, from: string, isType = false): string => {
  const head = isType ? "import type" : "import"
  const line = `${head} { ${names.join(", ")} } from "${from}"`
  return line.length <= 120 ? line : `${head} {\n  ${names.join(",\n  ")}\n} from "${from}"`
}
