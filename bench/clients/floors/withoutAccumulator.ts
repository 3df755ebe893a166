import { makeClient } from "./without.js"

export const client = makeClient({ accumulator: true })
