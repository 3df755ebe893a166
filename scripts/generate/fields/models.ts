/** Sentences for the fields of models, endpoints, providers, generations, benchmarks and analytics: `Owner.field`, or `Owner*.field` for a family. */
export const models: Readonly<Record<string, string>> = {}
