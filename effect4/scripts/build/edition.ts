/** For which Effect the modules are built. As `scripts/build/edition.ts` of the repository. */

/**
 * Where they are built to. Node, bundlers and compilers name a file that imports what they do not find; this name tells
 * the user of the other Effect what is wrong with it.
 */
export const builtFolder = "dist/for-effect-4"

/** A module that the other Effect lacks. In this one each program has loaded it anyway. */
export const onlyHere = "effect/Result"
