/** Processes of the benchmark, and what they say to each other. */
import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"

/** The path of a file that is given relative to this folder. */
export const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Starts a file of this folder as a process, and waits for its first word. */
export const start = async <A>(path: string, ...args: ReadonlyArray<string>): Promise<readonly [ChildProcess, A]> => {
  const child = fork(here(path), args, {
    execArgv: ["--expose-gc", "--import", "tsx"],
    cwd: here(".."),
    env: { ...process.env, TSX_TSCONFIG_PATH: here("tsconfig.json") }
  })
  return [child, await reply<A>(child)]
}

/** Gives a process something to do, and waits for what comes of it. */
export const ask = <A>(child: ChildProcess, job: object): Promise<A> => {
  child.send(job)
  return reply(child)
}

const reply = <A>(child: ChildProcess): Promise<A> =>
  new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`a process of the benchmark ended with ${code}`))
    child.once("exit", ended)
    child.once("message", (message) => {
      child.off("exit", ended)
      // What the processes of the benchmark tell each other
      resolve(message as A)
    })
  })

/** The number in the middle. */
export const median = (numbers: ReadonlyArray<number>): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN
