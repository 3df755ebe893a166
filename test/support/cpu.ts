/** The CPU time that work takes, in milliseconds. Other processes do not count, so the load of a machine does not. */
export const cpuOf = (work: () => void): number => {
  const before = process.cpuUsage()
  work()
  const { system, user } = process.cpuUsage(before)
  return (system + user) / 1000
}
