/** Whatever goes wrong on the way, each call ends in the one way that the tables say, and leaves nothing behind. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { suite } from "./support/suite.js"

suite("undici", NodeHttpClient.layerUndici)
