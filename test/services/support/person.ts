/** A schema that tests of structured output request, and the JSON of one value of it. */
import * as Schema from "effect/Schema"

export const Person = Schema.Struct({
  name: Schema.String,
  born: Schema.optional(Schema.Date),
  children: Schema.Array(Schema.String)
}).annotations({ identifier: "A person" })

export const ada = { name: "Ada", born: "1815-12-10T00:00:00.000Z", children: ["Byron"] }
