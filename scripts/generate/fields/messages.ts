/** Sentences for the fields of Anthropic's message format: `Owner.field`, or `Owner*.field` for a family. */
export const messages: Readonly<Record<string, string>> = {}
