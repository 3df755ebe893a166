import { makeClient } from "./without.js"

export const client = makeClient({ around: true })
