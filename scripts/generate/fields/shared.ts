/**
 * Sentences for names that mean the same wherever they occur. An entry of an area goes before them.
 *
 * A name whose fields have several types is refused, unless its sentence is true of all: `{ anyType: "…" }`.
 */
import type { SharedSentence } from "../fieldDocs.js"

export const shared: Readonly<Record<string, SharedSentence>> = {}
