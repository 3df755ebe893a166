/** Sentences for the fields of chat completions, completions and decisions: `Owner.field`, or `Owner*.field` for a family. */
export const chat: Readonly<Record<string, string>> = {}
