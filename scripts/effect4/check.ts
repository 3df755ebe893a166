/** Type-checks the Effect 4 edition, and says of each error where it stands in the sources and what helps. */
import { placeOf, snippetsFolder } from "./snippets.js"
import { output } from "./toolchain.js"
import { isOwn } from "./tree.js"

const missing =
  "Effect 4 lacks this, or has it under another name. If only the name differs, add a row to scripts/effect4/table.ts. " +
  "Otherwise put it behind a function in src/internal/effect, with its twin in effect4/src/internal/effect"

const differs =
  "Effect 4 has another type here. Put what differs behind a function in src/internal/effect, with its twin in " +
  "effect4/src/internal/effect; a call whose arguments only stand in another order or form is a rule of scripts/effect4/rules.ts"

/** Names that are declared and not used: programs in documents may have them. */
const unused: ReadonlySet<string> = new Set(["TS6133", "TS6138", "TS6192", "TS6196", "TS6198"])

const lacking: ReadonlySet<string> = new Set(["TS2305", "TS2307", "TS2339", "TS2551", "TS2694", "TS2724"])

/** One error of the compiler. */
export interface Problem {
  readonly place: string
  readonly message: string
  readonly remedy: string
}

/** The errors in what the compiler prints, by the places of the sources. Lines that go on with an error belong to it. */
export const problemsIn = (printed: string, isOwn: (path: string) => boolean): ReadonlyArray<Problem> => {
  const found: Array<Problem> = []
  for (const line of printed.split("\n")) {
    const [, path, at, code = "", message] = /^build\/(\S+?)\((\d+),\d+\): error (TS\d+): (.*)$/.exec(line) ?? []
    if (path?.startsWith(`${snippetsFolder}/`) === true && unused.has(code)) continue
    const last = found.at(-1)
    if (path === undefined) {
      if (last !== undefined && line.startsWith(" ")) {
        found[found.length - 1] = { ...last, message: `${last.message}\n${line}` }
      }
      continue
    }
    const [file, position] = placeOf(path, Number(at))
    found.push({
      place: `${isOwn(file) ? `effect4/${file}` : file}:${position}`,
      message: `${code} ${message}`,
      remedy: isOwn(path) ? "Correct this file: nothing else writes it" : lacking.has(code) ? missing : differs
    })
  }
  return found
}

/** Checks the tree that was written; returns the problems, in words. */
export const check = (): ReadonlyArray<string> => {
  const problems = problemsIn(output("typescript/bin/tsc", ["-p", "tsconfig.json", "--pretty", "false"]), isOwn)
  return problems.map(({ message, place, remedy }) => `${place}: ${message}\n  -> ${remedy}.`)
}
