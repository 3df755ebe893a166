/** Generated modules import only `schema/prelude`, so that another Effect version needs only another prelude. */
export const preludeValues: ReadonlyArray<string> = [
  "Array",
  "Boolean",
  "FileContent",
  "lazy",
  "Literal",
  "Null",
  "NullOr",
  "nullish",
  "Number",
  "openEnum",
  "openUnion",
  "optional",
  "Record",
  "String",
  "Struct",
  "lazyStruct",
  "StructWithRest",
  "Union",
  "Unknown",
  "UnknownRecord"
]
