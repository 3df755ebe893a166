/**
 * `layer` of @effect/vitest for Effect 3 replaces the methods of `it` that all files of a worker share: each file
 * begins with those that were exported.
 */
import { effect, flakyTest, it, layer, live, prop, scoped, scopedLive } from "@effect/vitest"

Object.assign(it, { effect, flakyTest, layer, live, prop, scoped, scopedLive })
