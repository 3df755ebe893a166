/** Prints the closing line of a test run from the report that vitest wrote: `node testSummary <report.json>`. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** The numbers of a vitest JSON report that the line needs. */
export interface Report {
  readonly success: boolean
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
}

/** `N passed, N failed`, and how many were skipped if any. A run that failed outside of its tests counts as one. */
export const closingLine = (report: Report): string => {
  const failed = report.success ? report.numFailedTests : Math.max(1, report.numFailedTests)
  const skipped = report.numPendingTests + report.numTodoTests
  return `${report.numPassedTests} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`
}

const [, script, report] = process.argv
if (script === fileURLToPath(import.meta.url) && report !== undefined) {
  console.log(closingLine(JSON.parse(readFileSync(report, "utf8"))))
}
