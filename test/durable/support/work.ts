/** The durable agent of these tests, as workers and those who wait for it know it. */
import * as Schema from "effect/Schema"
import * as DurableAgent from "../../../src/durable/DurableAgent.js"

/** Its payload is the name of the work. */
export const Work = DurableAgent.make("work/v1", { payload: Schema.String, key: (id) => id })
