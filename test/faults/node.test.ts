/** Whatever goes wrong on the way, each call ends in the one way that the tables say, and leaves nothing behind. */
import * as Layer from "effect/Layer"
import * as NodeClient from "../../src/node/NodeClient.js"
import { suite } from "./support/suite.js"

suite("node", Layer.orDie(NodeClient.layer({ proxy: false })))
