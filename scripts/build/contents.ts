/** What the published package may hold. */
const expected = [
  /^dist\/for-effect-\d\/.+\.(js|js\.map|d\.ts|d\.ts\.map)$/,
  /^dist\/for-effect-\d\/cjs\/package\.json$/,
  /^src\/.+\.ts$/,
  // The pages that README links to, and the programs that they link to
  /^docs\/[^/]+\.(md|svg)$/,
  /^examples\/.+\.(tsx?|html)$/,
  /^[A-Z]+\.md$/,
  /^(package\.json|LICENSE)$/
]

/** The packed files that do not belong there: no specification, no fixtures, no tests. */
export const unexpectedFiles = (paths: ReadonlyArray<string>): ReadonlyArray<string> =>
  paths.filter((path) => !expected.some((kind) => kind.test(path)) || /\.(test|tst)\./.test(path))
