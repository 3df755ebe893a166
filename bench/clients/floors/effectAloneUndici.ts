import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { makeClient } from "./effectAlone.js"

export const client = makeClient(NodeHttpClient.layerUndici)
