/** What the published package may hold. */
const expected =
  /^(dist\/.+\.(js|js\.map|d\.ts|d\.ts\.map|d\.cts)|src\/.+\.ts|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/

/** The packed files that do not belong there: no specification, no fixtures, no tests. */
export const unexpectedFiles = (paths: ReadonlyArray<string>): ReadonlyArray<string> =>
  paths.filter((path) => !expected.test(path) || /\.(test|tst)\./.test(path))
