import { makeClient } from "./without.js"

export const client = makeClient({ validation: true, accumulator: true })
