/** Our own sentences for the schemas that users meet most; the rest is described by where it is used. */

/** Name of a schema to its sentence. */
export const schemaDocs: Readonly<Record<string, string>> = {}

/** Better names for derived ones. */
export const renames: Readonly<Record<string, string>> = {
  ImageStreamingResponseData: "ImageStreamEvent"
}

/** Module of schemas to its sentence. */
export const moduleDocs: Readonly<Record<string, string>> = {}
