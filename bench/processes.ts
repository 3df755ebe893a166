/** The processes of the benchmark and their messages. */
import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { node } from "../scripts/effect4/toolchain.js"

/** The absolute path of a file in this folder. */
export const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Starts a file as a process, by its path in this folder or an absolute one, and waits for its first message. */
export const start = async <A>(path: string, ...args: ReadonlyArray<string>): Promise<readonly [ChildProcess, A]> => {
  const child = fork(here(path), args, {
    // One Node for all: that of Effect 4
    execPath: node(),
    execArgv: ["--expose-gc", "--import", "tsx"],
    cwd: here(".."),
    env: { ...process.env, TSX_TSCONFIG_PATH: here("tsconfig.json") }
  })
  return [child, await reply<A>(child)]
}

/** Sends a job to a process, and waits for its result. */
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
      // The processes of the benchmark agree on the types of their messages
      resolve(message as A)
    })
  })

/** The median. */
export const median = (numbers: ReadonlyArray<number>): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN
