/** What a page tells its reader to do: the files to save and the commands to type, in their order. */

export type Step =
  | { readonly _tag: "file"; readonly name: string; readonly text: string }
  | { readonly _tag: "commands"; readonly text: string }

/** The part of a page below a heading; without one, the part before the first heading of the second level. */
export const sectionOf = (page: string, heading?: string): string => {
  const sections = page.split(/^## /m)
  const found = heading === undefined ? sections[0] : sections.find((one) => one.startsWith(`${heading}\n`))
  if (found === undefined) throw new Error(`firstHour: the page has no section "${heading}"`)
  return found
}

/** A snippet names its file in its first line; otherwise it is the file that the text calls "`hello.ts`". */
export const stepsOf = (section: string): ReadonlyArray<Step> =>
  [...section.matchAll(/^```(ts|sh)\n([\s\S]*?)^```$/gm)].map(([, language, text = ""]) =>
    language === "sh"
      ? { _tag: "commands", text }
      : { _tag: "file", name: /^\/\/ (\S+\.ts)$/m.exec(text)?.[1] ?? "hello.ts", text }
  )
