import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { makeClient } from "./effectOpenRouter.js"

export const client = makeClient(NodeHttpClient.layerUndici)
