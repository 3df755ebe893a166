/** Sentences for the fields of embeddings, images, videos, speech, transcripts and reranking: `Owner.field`, or `Owner*.field` for a family. */
export const media: Readonly<Record<string, string>> = {}
