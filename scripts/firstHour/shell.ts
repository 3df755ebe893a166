/** Types commands into a shell, and keeps what they print with the time of each piece. */
import { spawn } from "node:child_process"

export interface Piece {
  /** Milliseconds since the first piece. */
  readonly at: number
  readonly text: string
}

export interface Printed {
  readonly printed: string
  readonly pieces: ReadonlyArray<Piece>
}

const limit = 300_000

/** What `npm run` sets is not for the commands. */
const inherited = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith("npm_")))

/**
 * Runs commands one after the other; a command that fails ends it. If the last one starts a server, `address` is where it
 * answers, and the pieces are those of its response.
 */
export const typed = (
  commands: string,
  cwd: string,
  environment: Readonly<Record<string, string>>,
  address?: string
): Promise<Printed> =>
  new Promise((resolve, reject) => {
    const shell = spawn("bash", ["-ec", commands], {
      cwd,
      env: { ...inherited(), ...environment },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"]
    })
    const began = Date.now()
    const pieces: Array<Piece> = []
    let printed = ""
    const end = () => {
      clearTimeout(timer)
      clearInterval(looking)
      if (shell.exitCode === null && shell.pid !== undefined) process.kill(-shell.pid)
    }
    const timer = setTimeout(() => {
      end()
      reject(new Error(`firstHour: no end after ${limit} ms. It printed:\n${printed}`))
    }, limit)
    shell.stderr.on("data", (bytes: Buffer) => printed += bytes.toString())
    shell.stdout.on("data", (bytes: Buffer) => {
      printed += bytes.toString()
      pieces.push({ at: Date.now() - began, text: bytes.toString() })
    })
    shell.on("exit", (code) => {
      end()
      if (code === 0 && address === undefined) resolve({ printed, pieces })
      else reject(new Error(`firstHour: the commands ended with ${code}. They printed:\n${printed}`))
    })
    const looking = setInterval(() => {
      if (address === undefined || !printed.includes("Ready on")) return
      clearInterval(looking)
      answerOf(address).then((answer) => {
        shell.removeAllListeners("exit")
        end()
        resolve(answer)
      }, reject)
    }, 250)
  })

const answerOf = async (address: string): Promise<Printed> => {
  const response = await fetch(address)
  const pieces: Array<Piece> = []
  const began = Date.now()
  for await (const bytes of response.body ?? []) {
    pieces.push({ at: Date.now() - began, text: new TextDecoder().decode(bytes) })
  }
  return { printed: pieces.map(({ text }) => text).join(""), pieces }
}
