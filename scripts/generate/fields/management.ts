/** Sentences for the fields of keys, workspaces, guardrails, observability and all else of an account: `Owner.field`, or `Owner*.field` for a family. */
export const management: Readonly<Record<string, string>> = {}
