/** Sentences for the fields of routing, plugins, server tools, reasoning, caching and usage: `Owner.field`, or `Owner*.field` for a family. */
export const routing: Readonly<Record<string, string>> = {}
