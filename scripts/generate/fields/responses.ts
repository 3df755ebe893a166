/** Sentences for the fields of the Responses API: `Owner.field`, or `Owner*.field` for a family. */
export const responses: Readonly<Record<string, string>> = {}
