/** The methods of `it` stay as they are: `layer` of @effect/vitest for Effect 4 makes others. */
export { it } from "@effect/vitest"
