/** For which Effect the modules are built. `effect4` has a file of the same path that says it for the other edition. */

/**
 * Where they are built to. Node, bundlers and compilers name a file that imports what they do not find; this name tells
 * the user of the other Effect what is wrong with it.
 */
export const builtFolder = "dist/for-effect-3"

/** A module that the other Effect lacks. In this one each program has loaded it anyway. */
export const onlyHere = "effect/Either"
