/** What the suite does not run on Effect 4, each with its reason. Everything else runs on both. */

interface Difference {
  /** The beginning of a test's title. */
  readonly title: string
  readonly reason: string
}

/** Files and folders. */
export const files: Readonly<Record<string, string>> = {
  "test/architecture/**": "rules about the sources, which are one for both editions",
  "test/generate/**": "the generator, which writes one text for both editions",
  "test/package/**": "the manifest and the lock file of the project",
  "test/scripts/**": "the commands of the project, which run on one of its Nodes"
}

const of = (reason: string, ...titles: ReadonlyArray<string>): ReadonlyArray<Difference> =>
  titles.map((title) => ({ title, reason }))

/** Tests. */
export const tests: ReadonlyArray<Difference> = [
  ...of(
    "there is no span of the request itself, because Effect 4 keeps in it what a broken connection repeats",
    "are sent if the option is set, and the HTTP request has its own span"
  ),
  ...of(
    "Effect 4 does not convert such a value to text, so there is nothing to report",
    "reports a value that cannot be converted to text, and one deep in a recursive schema"
  ),
  ...of(
    "Effect 4 asks for the key of a required field of any type; guards accept that it is missing, as JSON has no undefined",
    "agrees with Schema on a required unknown field"
  )
]

export const reasonOf = (title: string): string | undefined => tests.find((one) => title.startsWith(one.title))?.reason
