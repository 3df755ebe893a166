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

/** Tests. */
export const tests: ReadonlyArray<Difference> = []

export const reasonOf = (title: string): string | undefined => tests.find((one) => title.startsWith(one.title))?.reason
